package io.remitflow.claims;

import java.util.Locale;

/** Where the work on a denial stands. */
public enum DenialStatus {
    /** Somebody has to say what shall be done. */
    OPEN,
    CORRECTING,
    APPEALING,
    /** A corrected claim or an appeal is at the payer. */
    WAITING,
    WRITING_OFF,
    BILLING_PATIENT,
    CLOSED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static DenialStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
