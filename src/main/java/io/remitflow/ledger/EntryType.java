package io.remitflow.ledger;

import java.util.Locale;

/** Why an entry was written. */
public enum EntryType {
    STANDARD,
    ADJUSTING,
    CLOSING,
    REVERSING,
    OPENING;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static EntryType ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
