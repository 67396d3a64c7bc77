package io.remitflow.remittance;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a posted remittance that is or was in suspense.
 *
 * @param reason why it waits, in words; null once it is posted
 * @param since when its remittance was posted
 * @param claimId the claim of ours it may belong to
 * @param releasedAt when it left suspense; null while it waits, and if its remittance was taken back before
 */
public record HeldClaim(
        UUID id,
        UUID remittanceId,
        String traceNumber,
        String payerName,
        int position,
        String controlNumber,
        String payerClaimNumber,
        String statusCode,
        @Nullable LocalDate serviceFrom,
        Money charged,
        Money paid,
        ClaimTreatment treatment,
        HeldReason kind,
        @Nullable String reason,
        Instant since,
        long ageDays,
        @Nullable UUID claimId,
        @Nullable UUID accountId,
        @Nullable String accountNumber,
        @Nullable String note,
        @Nullable Instant assignedAt,
        @Nullable Instant releasedAt) {

    /** "Processed as primary". */
    public String statusText() {
        return AdjustmentCodes.CLAIM_STATUSES.text(statusCode);
    }

    public boolean isWaiting() {
        return treatment == ClaimTreatment.HELD || treatment == ClaimTreatment.UNIDENTIFIED;
    }

    /** A claim of ours that may be meant. */
    public record Candidate(
            UUID id,
            String controlNumber,
            UUID accountId,
            String accountNumber,
            String payerName,
            LocalDate serviceFrom,
            Money charged,
            Money open,
            boolean sameCharge) {}

    /** How many wait for one reason, and what of their money is in suspense. */
    public record Total(HeldReason kind, long count, Money amount) {}
}
