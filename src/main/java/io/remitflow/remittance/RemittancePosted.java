package io.remitflow.remittance;

import java.util.UUID;

/** A remittance is in the books; published in the posting transaction, to be heard after its commit. */
public record RemittancePosted(UUID remittanceId, int claims, int heldClaims, int deniedClaims) {}
