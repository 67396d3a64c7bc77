package io.remitflow.billing;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where an invoice stands. {@link #OVERDUE} is never stored: it is a sent invoice past its due date. */
public enum InvoiceStatus {
    DRAFT,
    SENT,
    /** Its recipient has seen it, and paid nothing yet. */
    VIEWED,
    PARTIAL,
    PAID,
    OVERDUE,
    VOID,
    /** The last of what was due on it was given up. */
    WRITTEN_OFF;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it was sent and something of it is still due. */
    public boolean isOpen() {
        return this == SENT || this == VIEWED || this == PARTIAL || this == OVERDUE;
    }

    public static Optional<InvoiceStatus> ofKey(String key) {
        return Arrays.stream(values())
                .filter(status -> status.key().equals(key))
                .findFirst();
    }
}
