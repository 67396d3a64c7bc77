package io.remitflow.remittance;

import org.jspecify.annotations.Nullable;

/**
 * Payer or payee of a remittance.
 *
 * @param identifier N104, empty when the sender gave none
 * @param secondaryIdentifier the payer's further id (REF*2U), or the payee's tax id (REF*TJ)
 */
public record EraParty(
        String name,
        String identifierQualifier,
        String identifier,
        @Nullable String secondaryIdentifier) {

    /** What identifies the party best: N104, else the secondary identifier, else empty. */
    public String bestIdentifier() {
        if (!identifier.isEmpty()) {
            return identifier;
        }
        return secondaryIdentifier == null ? "" : secondaryIdentifier;
    }
}
