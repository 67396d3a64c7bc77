package io.remitflow.checks;

import java.util.UUID;

/**
 * What people picked for a payer that no rule knows.
 *
 * @param support how many confirmed checks say so
 */
public record PayerProposal(UUID id, String payerName, UUID facilityId, String facilityNumber, int support) {}
