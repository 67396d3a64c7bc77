package io.remitflow.reconciliation;

import java.util.Locale;

/** What made a run run. */
public enum Trigger {
    PERSON,
    SCHEDULE,
    TOKEN;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Trigger ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
