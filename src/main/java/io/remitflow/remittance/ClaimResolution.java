package io.remitflow.remittance;

import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.core.Amounts;
import io.remitflow.remittance.AdjustmentRules.ClaimAssessment;
import org.springframework.stereotype.Component;

/** Finds our claim for a claim of a remittance and decides whether it may be posted to its account. */
@Component
class ClaimResolution {

    private final Claims claims;
    private final AdjustmentRules rules;

    ClaimResolution(Claims claims, AdjustmentRules rules) {
        this.claims = claims;
        this.rules = rules;
    }

    ResolvedClaim resolve(EraClaim answered, String currency) {
        ClaimAssessment assessment = rules.assess(answered);
        return claims.byControlNumber(answered.controlNumber())
                .map(claim -> resolve(assessment, claim, currency))
                .orElseGet(() -> ResolvedClaim.unidentified(assessment));
    }

    private static ResolvedClaim resolve(ClaimAssessment assessment, Claim claim, String currency) {
        EraClaim answered = assessment.claim();
        if (answered.isPredetermination()) {
            return answered.paidMinor() == 0
                    ? ResolvedClaim.of(
                            assessment, claim, ClaimTreatment.NOT_POSTED, "a prediction of what would be paid")
                    : ResolvedClaim.of(
                            assessment, claim, ClaimTreatment.HELD, "a prediction must not pay, but this one does");
        }
        if (!claim.charged().getCurrencyUnit().getCode().equals(currency)) {
            return ResolvedClaim.of(
                    assessment, claim, ClaimTreatment.HELD, "the claim was billed in another currency than it is paid");
        }
        // Parts of a claim may be answered one by one, but no answer is about more than was billed.
        if (Math.abs(answered.chargedMinor()) > claim.charged().getAmountMinorLong()) {
            return ResolvedClaim.of(
                    assessment,
                    claim,
                    ClaimTreatment.HELD,
                    "the payer answers for a charge of %s, but %s was billed: perhaps another claim is meant"
                            .formatted(
                                    Amounts.format(Math.abs(answered.chargedMinor()), currency),
                                    Amounts.format(claim.charged())));
        }
        return ResolvedClaim.of(assessment, claim, ClaimTreatment.POSTED, null);
    }
}
