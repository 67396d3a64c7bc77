package io.remitflow.claims;

import java.util.UUID;

/** A payer's answer and the claim it is about. */
public record ClaimAnswer(UUID claimId, ClaimOutcome outcome) {}
