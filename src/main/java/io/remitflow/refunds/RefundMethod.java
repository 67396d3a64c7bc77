package io.remitflow.refunds;

import io.remitflow.payments.Payment;
import java.util.Locale;

/** How money goes back. */
public enum RefundMethod {
    CREDIT_CARD_REVERSAL,
    CHECK,
    ACH,
    WIRE,
    CASH,
    OTHER;

    /** The way a payment came, which is the first choice for its refund. */
    public static RefundMethod originalOf(Payment payment) {
        if (payment.viaGateway()) {
            return CREDIT_CARD_REVERSAL;
        }
        return switch (payment.method()) {
            case ACH, EFT -> ACH;
            case WIRE -> WIRE;
            case CASH -> CASH;
            case CHECK, CREDIT_CARD, DEBIT_CARD, PAYMENT_PLAN, INSURANCE, ONLINE, MOBILE, OTHER -> CHECK;
        };
    }

    /**
     * Whether the money goes back to where it came from. No payment says which bank account that was: one that somebody
     * typed may be anybody's, so ACH and wire never do.
     */
    boolean returnsToOrigin(Payment payment) {
        return this == originalOf(payment) && this != ACH && this != WIRE;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** "Credit card reversal", as people read it. */
    public String words() {
        return switch (this) {
            case CREDIT_CARD_REVERSAL -> "Credit card reversal";
            case CHECK -> "Check";
            case ACH -> "ACH";
            case WIRE -> "Wire";
            case CASH -> "Cash";
            case OTHER -> "Other";
        };
    }

    public static RefundMethod ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
