package io.remitflow.claims;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A claim as submitted, and the sum of what its payer answered so far. */
public record Claim(
        UUID id,
        UUID accountId,
        UUID payerId,
        String controlNumber,
        @Nullable String payerClaimNumber,
        LocalDate serviceFrom,
        LocalDate serviceTo,
        Money charged,
        ClaimStatus status,
        Money paid,
        Money contractual,
        Money patientResponsibility,
        List<ClaimLine> lines) {

    /** What the payer has not yet explained. */
    public Money open() {
        return charged.minus(paid).minus(contractual).minus(patientResponsibility);
    }

    /** A reversal leads back to what the remaining answers say; a denial of a claim that was paid in part stays visible. */
    private ClaimStatus statusAfter(ClaimOutcome outcome) {
        Money openAfter =
                open().minus(outcome.paid()).minus(outcome.contractual()).minus(outcome.patientResponsibility());
        return switch (outcome.kind()) {
            case PAID -> openAfter.isPositive() ? ClaimStatus.PARTIALLY_PAID : ClaimStatus.PAID;
            case DENIED -> paid.isPositive() ? ClaimStatus.PARTIALLY_PAID : ClaimStatus.DENIED;
            case REVERSED ->
                openAfter.isEqual(charged)
                        ? ClaimStatus.REVERSED
                        : openAfter.isPositive() ? ClaimStatus.PARTIALLY_PAID : ClaimStatus.PAID;
            case BILLED -> openAfter.isPositive() ? status : paid.isPositive() ? ClaimStatus.PAID : ClaimStatus.CLOSED;
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
