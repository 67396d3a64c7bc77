package io.remitflow.refunds;

import java.util.Locale;

/** Where a refund stands, and what may come next. */
public enum RefundStatus {
    PENDING,
    APPROVED,
    REJECTED,
    PROCESSING,
    COMPLETED,
    FAILED,
    RETURNED,
    CANCELLED;

    boolean canBecome(RefundStatus next) {
        return switch (this) {
            case PENDING -> next == APPROVED || next == REJECTED || next == CANCELLED;
            case APPROVED -> next == PROCESSING || next == PENDING || next == CANCELLED;
            case PROCESSING -> next == COMPLETED || next == FAILED || next == PENDING || next == RETURNED;
            case FAILED -> next == PENDING || next == CANCELLED;
            case COMPLETED -> next == RETURNED;
            case REJECTED, RETURNED, CANCELLED -> false;
        };
    }

    /** Whether money may still leave because of this refund, so that it counts against its payment. */
    public boolean underWay() {
        return this == PENDING || this == APPROVED || this == PROCESSING || this == FAILED;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static RefundStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
