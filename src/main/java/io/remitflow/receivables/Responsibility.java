package io.remitflow.receivables;

import java.util.Locale;

/** Who owes: insurance (ledger account 1110) or the patient (1100). */
public enum Responsibility {
    INSURANCE,
    PATIENT;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Responsibility ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
