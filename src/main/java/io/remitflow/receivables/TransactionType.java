package io.remitflow.receivables;

import java.util.Locale;

/** What happened on a patient account. */
public enum TransactionType {
    CHARGE,
    PAYMENT,
    ADJUSTMENT,
    REFUND,
    TRANSFER,
    WRITE_OFF,
    CREDIT;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static TransactionType ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
