package io.remitflow.checks.web;

import io.remitflow.core.Amounts;
import org.springframework.stereotype.Component;

/** Minor units for templates. */
@Component("checkAmounts")
public class CheckAmounts {

    public String format(long minor, String currency) {
        return Amounts.format(minor, currency);
    }

    /** For a field: without thousands separators. */
    public String plain(long minor, String currency) {
        return Amounts.ofMinor(minor, currency).getAmount().toPlainString();
    }
}
