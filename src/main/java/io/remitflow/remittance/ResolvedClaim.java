package io.remitflow.remittance;

import io.remitflow.claims.Claim;
import io.remitflow.core.CardNumbers;
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

    /** A number of the answer as the books keep it: one that names nothing of ours must not be the number of a card. */
    String kept(String number) {
        return kept(number, claimId != null);
    }

    private static String kept(String number, boolean ours) {
        return ours ? number : CardNumbers.shortenedIn(number, any -> false);
    }

    /** Our line for each line of the answer; empty where none was found. */
    Optional<LineMatch> lineOf(EraServiceLine line) {
        return line.index() <= lines.size() ? lines.get(line.index() - 1) : Optional.empty();
    }

    static ResolvedClaim unidentified(ClaimAssessment assessment) {
        String said = assessment.claim().controlNumber();
        String kept = kept(said, false);
        return new ResolvedClaim(
                assessment,
                ClaimTreatment.UNIDENTIFIED,
                "no claim with the control number " + kept
                        + (kept.equals(said) ? "" : ", which looks like the number of a card; the file has it"),
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
