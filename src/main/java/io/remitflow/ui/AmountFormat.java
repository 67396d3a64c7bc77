package io.remitflow.ui;

import io.remitflow.core.Amounts;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code @amounts} in templates. */
@Component("amounts")
public class AmountFormat {

    public String format(@Nullable Money amount) {
        return amount == null ? "" : Amounts.format(amount);
    }

    public String format(long amountMinor, String currency) {
        return Amounts.format(amountMinor, currency);
    }
}
