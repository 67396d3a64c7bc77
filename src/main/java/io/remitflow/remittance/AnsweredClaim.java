package io.remitflow.remittance;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** What a payer said about one claim, and what was done about it. */
public record AnsweredClaim(
        UUID id,
        UUID remittanceId,
        int position,
        long segmentNumber,
        String controlNumber,
        String payerClaimNumber,
        String statusCode,
        @Nullable LocalDate serviceFrom,
        Money charged,
        Money paid,
        Money contractual,
        Money patient,
        Money denied,
        ClaimTreatment treatment,
        @Nullable String reason,
        boolean isDenied,
        @Nullable UUID claimId,
        @Nullable UUID accountId,
        String payerName,
        List<String> remarks,
        List<Adjustment> adjustments) {

    /** "Processed as primary". */
    public String statusText() {
        return AdjustmentCodes.CLAIM_STATUSES.text(statusCode);
    }

    /** "N130: ..." for each remark of the claim and its lines. */
    public List<String> remarkTexts() {
        return remarks.stream()
                .map(code -> code + ": " + AdjustmentCodes.REMARKS.text(code))
                .toList();
    }

    AnsweredClaim with(List<Adjustment> all) {
        return new AnsweredClaim(
                id,
                remittanceId,
                position,
                segmentNumber,
                controlNumber,
                payerClaimNumber,
                statusCode,
                serviceFrom,
                charged,
                paid,
                contractual,
                patient,
                denied,
                treatment,
                reason,
                isDenied,
                claimId,
                accountId,
                payerName,
                remarks,
                all);
    }

    /** An adjustment in words; {@code line} is null for one of the claim as a whole. */
    public record Adjustment(
            @Nullable Integer line,
            @Nullable String procedure,
            String group,
            String reason,
            Money amount,
            AdjustmentTreatment treatment) {

        public String code() {
            return group + "-" + reason;
        }

        public String text() {
            return AdjustmentCodes.REASONS.text(reason);
        }
    }
}
