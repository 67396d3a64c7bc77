package io.remitflow.payments;

import java.util.Locale;

/** Where a payment stands that a patient makes at a gateway. */
public enum CheckoutStatus {
    /** Written down, not sent yet. */
    INTENDED,
    /** Sent, and nobody knows what the gateway made of it. */
    UNKNOWN,
    /** The patient has not paid yet. */
    OPEN,
    /** The patient has paid, and a bank still has to answer. */
    PROCESSING,
    SUCCEEDED,
    CANCELLED,
    /** The gateway never opened it. */
    DECLINED,
    /** The gateway took money that is not what was asked for; nothing was posted. */
    REFUSED;

    /** Whether the gateway may still tell something new. */
    public boolean waits() {
        return this == INTENDED || this == UNKNOWN || this == OPEN || this == PROCESSING;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static CheckoutStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
