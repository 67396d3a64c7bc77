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
    CLOSED,
    /** A later claim took its place at the payer; stays so whatever is answered to it. */
    REPLACED,
    /** Withdrawn at the payer; stays so whatever is answered to it. */
    VOIDED;

    /** Whether it is no longer a claim on the payer. */
    public boolean withdrawn() {
        return this == REPLACED || this == VOIDED;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ClaimStatus ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
