package io.remitflow.payments;

import java.util.Locale;

/** How a patient paid. */
public enum PaymentMethod {
    CASH,
    CHECK,
    CREDIT_CARD,
    DEBIT_CARD,
    ACH,
    WIRE,
    EFT,
    PAYMENT_PLAN,
    INSURANCE,
    ONLINE,
    MOBILE,
    OTHER;

    /** The value in the database and over HTTP, such as {@code credit_card}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static PaymentMethod ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
