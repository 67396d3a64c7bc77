package io.remitflow.remittance;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Arrays;
import java.util.Locale;

/** How a payer's money reached the bank. */
public enum CashKind {
    /** Electronic payment (ACH), whose addenda repeats the trace number of the remittance. */
    EFT,
    /** Paper check; its trace number is the check number. */
    CHECK,
    /** Payout of a card processor after a virtual card was charged: less than was charged, by its fee. */
    CARD;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static CashKind ofKey(String key) {
        return Arrays.stream(values())
                .filter(kind -> kind.key().equals(key.strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "the kind is eft, check or card"));
    }
}
