package io.remitflow.claims;

import java.util.Locale;

/** Where care was given: decides the revenue account of the charge. */
public enum CareSetting {
    INPATIENT,
    OUTPATIENT,
    EMERGENCY;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static CareSetting ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
