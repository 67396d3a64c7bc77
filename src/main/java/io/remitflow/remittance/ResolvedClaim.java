package io.remitflow.remittance;

import io.remitflow.claims.Claim;
import io.remitflow.remittance.AdjustmentRules.ClaimAssessment;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A claim of a remittance together with our claim, if we have one, and what shall be done with it. */
record ResolvedClaim(
        ClaimAssessment assessment,
        ClaimTreatment treatment,
        @Nullable String reason,
        @Nullable UUID claimId,
        @Nullable UUID accountId,
        List<Optional<LineMatch>> lines) {

    ResolvedClaim {
        lines = List.copyOf(lines);
    }

    /** Our line for each line of the answer; empty where none was found. */
    Optional<LineMatch> lineOf(EraServiceLine line) {
        return line.index() <= lines.size() ? lines.get(line.index() - 1) : Optional.empty();
    }

    static ResolvedClaim unidentified(ClaimAssessment assessment) {
        return new ResolvedClaim(
                assessment,
                ClaimTreatment.UNIDENTIFIED,
                "no claim with the control number " + assessment.claim().controlNumber(),
                null,
                null,
                List.of());
    }

    static ResolvedClaim of(
            ClaimAssessment assessment,
            Claim claim,
            List<Optional<LineMatch>> lines,
            ClaimTreatment treatment,
            @Nullable String reason) {
        return new ResolvedClaim(assessment, treatment, reason, claim.id(), claim.accountId(), lines);
    }
}
