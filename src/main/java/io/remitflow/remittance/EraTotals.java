package io.remitflow.remittance;

/**
 * What one transaction added up to.
 *
 * @param claimsPaidMinor sum of CLP04
 * @param providerAdjustmentsMinor sum of all PLB amounts
 * @param contentHash SHA-256 over the transaction's content without control numbers of the envelope and whatever
 *     delimiters and line ends it was sent with: equal for a re-delivery in another envelope
 * @param balance hold the transaction unless {@link Balance#isBalanced()}
 */
public record EraTotals(
        int claims,
        int serviceLines,
        int providerAdjustments,
        long chargedMinor,
        long claimsPaidMinor,
        long providerAdjustmentsMinor,
        String contentHash,
        Balance balance) {}
