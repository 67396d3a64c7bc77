package io.remitflow.payments;

import java.util.Locale;

/** Where a dispute stands at the gateway. */
public enum DisputeStatus {
    /** The cardholder's bank asks; no money has moved. */
    INQUIRY,
    NEEDS_RESPONSE,
    UNDER_REVIEW,
    WON,
    LOST,
    /** An inquiry that never became a dispute. */
    CLOSED;

    public boolean decided() {
        return this == WON || this == LOST || this == CLOSED;
    }

    /** Whether the disputed amount may not be refunded, even if the gateway has not taken it yet. */
    boolean claimsMoney() {
        return this == NEEDS_RESPONSE || this == UNDER_REVIEW || this == LOST;
    }

    /** A report that was under way for long does not reopen what was decided, nor take back an answer that was given. */
    boolean canBecome(DisputeStatus next) {
        return !decided() ? ordinal() <= next.ordinal() : next == WON || next == LOST;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static DisputeStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
