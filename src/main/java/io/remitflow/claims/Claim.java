package io.remitflow.claims;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A claim as submitted, and the sum of what its payer answered so far.
 *
 * @param replaces null for a claim in its own right
 */
public record Claim(
        UUID id,
        UUID accountId,
        UUID payerId,
        String controlNumber,
        @Nullable String payerClaimNumber,
        @Nullable Replaced replaces,
        LocalDate serviceFrom,
        LocalDate serviceTo,
        Money charged,
        ClaimStatus status,
        Money paid,
        Money contractual,
        Money patientResponsibility,
        List<ClaimLine> lines) {

    /**
     * The claim in whose place this one stands.
     *
     * @param payerClaimNumber how the payer named it, REF*F8
     */
    public record Replaced(UUID claimId, String payerClaimNumber) {}

    /** What the payer has not yet explained; nothing once the claim is withdrawn. */
    public Money open() {
        return status.withdrawn() ? Money.zero(charged.getCurrencyUnit()) : unexplained();
    }

    private Money unexplained() {
        return charged.minus(paid).minus(contractual).minus(patientResponsibility);
    }

    /** A reversal leads back to what the remaining answers say; a denial of a claim that was paid in part stays visible. */
    private ClaimStatus statusAfter(ClaimOutcome outcome) {
        if (status.withdrawn()) {
            return status;
        }
        Money openAfter =
                open().minus(outcome.paid()).minus(outcome.contractual()).minus(outcome.patientResponsibility());
        return switch (outcome.kind()) {
            case PAID -> openAfter.isPositive() ? ClaimStatus.PARTIALLY_PAID : ClaimStatus.PAID;
            case DENIED -> paid.isPositive() ? ClaimStatus.PARTIALLY_PAID : ClaimStatus.DENIED;
            case REVERSED ->
                openAfter.isEqual(charged)
                        ? ClaimStatus.REVERSED
                        : openAfter.isPositive() ? ClaimStatus.PARTIALLY_PAID : ClaimStatus.PAID;
            case BILLED -> {
                if (outcome.patientResponsibility().isNegative()) {
                    yield paid.isPositive() ? ClaimStatus.PARTIALLY_PAID : ClaimStatus.DENIED;
                }
                yield openAfter.isPositive() ? status : paid.isPositive() ? ClaimStatus.PAID : ClaimStatus.CLOSED;
            }
        };
    }

    /** With the answer added to what the payer answered before. */
    Claim after(ClaimOutcome outcome) {
        return new Claim(
                id,
                accountId,
                payerId,
                controlNumber,
                outcome.payerClaimNumber() == null ? payerClaimNumber : outcome.payerClaimNumber(),
                replaces,
                serviceFrom,
                serviceTo,
                charged,
                statusAfter(outcome),
                paid.plus(outcome.paid()),
                contractual.plus(outcome.contractual()),
                patientResponsibility.plus(outcome.patientResponsibility()),
                lines);
    }

    Claim with(List<ClaimLine> lines) {
        return new Claim(
                id,
                accountId,
                payerId,
                controlNumber,
                payerClaimNumber,
                replaces,
                serviceFrom,
                serviceTo,
                charged,
                status,
                paid,
                contractual,
                patientResponsibility,
                List.copyOf(lines));
    }
}
