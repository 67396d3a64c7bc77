package io.remitflow.remittance;

import java.util.UUID;

/** A remittance waits for a decision; published in the recording transaction, to be heard after its commit. */
public record RemittanceHeld(UUID remittanceId) {}
