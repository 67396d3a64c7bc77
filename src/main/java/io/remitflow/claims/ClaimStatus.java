package io.remitflow.claims;

import java.util.Locale;

/** Where a claim stands with its payer. */
public enum ClaimStatus {
    SUBMITTED,
    ACCEPTED,
    PAID,
    PARTIALLY_PAID,
    DENIED,
    REVERSED,
    CLOSED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ClaimStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
