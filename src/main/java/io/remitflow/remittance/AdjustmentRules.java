package io.remitflow.remittance;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Which adjustments of a payer are written off, which the patient owes, and which stay open.
 *
 * <p>Posting goes by group code, so a reason code nobody knows yet never stops it.
 */
@Component
class AdjustmentRules {

    private static final String BUNDLED = "97";
    private static final String PRIOR_PAYER = "23";

    private final Set<String> notCovered;

    AdjustmentRules(@Value("${remitflow.remittance.not-covered-adjustments:96,204}") Set<String> notCovered) {
        this.notCovered = Set.copyOf(notCovered);
    }

    /** The reasons of a patient's share for what is not covered. */
    Set<String> notCovered() {
        return notCovered;
    }

    /** Such a share stays the patient's, as the payer says; only a person who knows the contract may decide otherwise. */
    boolean billsPatientForNotCovered(EraClaim claim) {
        return claim.allAdjustments()
                .anyMatch(adjustment -> adjustment.group().equals("PR") && notCovered.contains(adjustment.reason()));
    }

    /** @param accepted reasons that the contract with the payer explains */
    ClaimAssessment assess(EraClaim claim, Set<String> accepted) {
        List<AssessedAdjustment> assessed = new ArrayList<>();
        for (EraAdjustment adjustment : claim.adjustments()) {
            assessed.add(new AssessedAdjustment(
                    adjustment,
                    null,
                    treatment(claim, adjustment, claim.paidMinor() != 0, accepted.contains(adjustment.reason()))));
        }
        for (EraServiceLine line : claim.lines()) {
            for (EraAdjustment adjustment : line.adjustments()) {
                assessed.add(new AssessedAdjustment(
                        adjustment,
                        line,
                        treatment(
                                claim,
                                adjustment,
                                line.paidMinor() != 0,
                                accepted.contains(adjustment.reason()) || isBundled(claim, line, adjustment))));
            }
        }
        return new ClaimAssessment(claim, assessed);
    }

    private static AdjustmentTreatment treatment(
            EraClaim claim, EraAdjustment adjustment, boolean paid, boolean accepted) {
        return switch (adjustment.group()) {
            case "PR" -> AdjustmentTreatment.PATIENT;
            case "CO", "OA" -> {
                if (adjustment.group().equals("OA") && adjustment.reason().equals(PRIOR_PAYER)) {
                    yield AdjustmentTreatment.OTHER_PAYER;
                }
                // A denied claim is never written off by the remittance, whatever reason stands beside it.
                yield !claim.isDenied() && accepted ? AdjustmentTreatment.CONTRACTUAL : open(claim, paid);
            }
            case "PI" -> open(claim, paid);
            default -> AdjustmentTreatment.REVIEW;
        };
    }

    /**
     * A bundled line (97) is explained only if another line of the claim carries its payment; that line may show what it
     * took over as 97 with the other sign.
     */
    private static boolean isBundled(EraClaim claim, EraServiceLine line, EraAdjustment adjustment) {
        return adjustment.reason().equals(BUNDLED)
                && claim.lines().stream()
                        .filter(other -> other.index() != line.index())
                        .anyMatch(other -> other.paidMinor() != 0
                                || other.adjustments().stream()
                                        .anyMatch(shown -> shown.reason().equals(BUNDLED)
                                                && Long.signum(shown.amountMinor())
                                                        == -Long.signum(adjustment.amountMinor())));
    }

    private static AdjustmentTreatment open(EraClaim claim, boolean paid) {
        return claim.isDenied() || !paid ? AdjustmentTreatment.DENIED : AdjustmentTreatment.REVIEW;
    }

    /** An adjustment and what it means; {@code line} is null for one of the claim as a whole. */
    record AssessedAdjustment(
            EraAdjustment adjustment, @Nullable EraServiceLine line, AdjustmentTreatment treatment) {}

    /** A claim with its adjustments sorted by what they mean for the books. */
    record ClaimAssessment(EraClaim claim, List<AssessedAdjustment> adjustments) {

        long contractualMinor() {
            return sum(AdjustmentTreatment.CONTRACTUAL);
        }

        long patientMinor() {
            return sum(AdjustmentTreatment.PATIENT);
        }

        long deniedMinor() {
            return sum(AdjustmentTreatment.DENIED);
        }

        long otherMinor() {
            return Math.addExact(sum(AdjustmentTreatment.OTHER_PAYER), sum(AdjustmentTreatment.REVIEW));
        }

        boolean isDenied() {
            return !claim.isReversal()
                    && !claim.isPredetermination()
                    && (claim.isDenied() || denials().findAny().isPresent());
        }

        boolean isDenied(EraServiceLine line) {
            return isDenied() && denials().anyMatch(denial -> line.equals(denial.line()));
        }

        private Stream<AssessedAdjustment> denials() {
            return adjustments.stream()
                    .filter(adjustment -> adjustment.treatment() == AdjustmentTreatment.DENIED
                            && adjustment.adjustment().amountMinor() > 0);
        }

        private long sum(AdjustmentTreatment treatment) {
            return adjustments.stream()
                    .filter(adjustment -> adjustment.treatment() == treatment)
                    .mapToLong(adjustment -> adjustment.adjustment().amountMinor())
                    .reduce(0, Math::addExact);
        }
    }
}
