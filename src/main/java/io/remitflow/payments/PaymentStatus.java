package io.remitflow.payments;

import java.util.Locale;

/** Where a payment stands. */
public enum PaymentStatus {
    PENDING,
    PROCESSING,
    COMPLETED,
    FAILED,
    PARTIALLY_REFUNDED,
    REFUNDED,
    DISPUTED,
    RETURNED,
    VOID;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static PaymentStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
