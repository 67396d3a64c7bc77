package io.remitflow.payments;

import java.util.Locale;

/** Where a payout stands at the gateway. */
public enum PayoutStatus {
    PENDING,
    IN_TRANSIT,
    /** Sent to the bank as far as the gateway knows; a bank may still return it. */
    PAID,
    FAILED,
    CANCELED;

    /** The money is on the balance at the gateway again, and a later payout carries it. */
    public boolean cameBack() {
        return this == FAILED || this == CANCELED;
    }

    /** A report that was under way for long changes nothing that came later. */
    boolean canBecome(PayoutStatus next) {
        return !cameBack() && ordinal() < next.ordinal();
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static PayoutStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
