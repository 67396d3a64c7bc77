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

    private final Set<String> accepted;

    private final Set<String> notCovered;
    private final Set<String> noBalanceBilling;

    AdjustmentRules(
            @Value("${remitflow.remittance.accepted-adjustments:45,59,144,253}") Set<String> accepted,
            @Value("${remitflow.remittance.not-covered-adjustments:96,204}") Set<String> notCovered,
            @Value("${remitflow.remittance.no-balance-billing-classes:medicaid}") Set<String> noBalanceBilling) {
        this.accepted = Set.copyOf(accepted);
        this.notCovered = Set.copyOf(notCovered);
        this.noBalanceBilling = Set.copyOf(noBalanceBilling);
    }

    /** Whether contracts with payers of this class usually forbid to bill patients for what is not covered. */
    boolean forbidsBalanceBilling(String payerClass) {
        return noBalanceBilling.contains(payerClass);
    }

    /** Such a share stays the patient's, as the payer says; only a person who knows the contract may decide otherwise. */
    boolean billsPatientForNotCovered(EraClaim claim) {
        return claim.allAdjustments()
                .anyMatch(adjustment -> adjustment.group().equals("PR") && notCovered.contains(adjustment.reason()));
    }

    ClaimAssessment assess(EraClaim claim) {
        boolean paysSomething = claim.lines().isEmpty()
                ? claim.paidMinor() != 0
                : claim.lines().stream().anyMatch(line -> line.paidMinor() != 0);
        List<AssessedAdjustment> assessed = new ArrayList<>();
        for (EraAdjustment adjustment : claim.adjustments()) {
            assessed.add(assess(claim, null, adjustment, claim.paidMinor() != 0, paysSomething));
        }
        for (EraServiceLine line : claim.lines()) {
            for (EraAdjustment adjustment : line.adjustments()) {
                assessed.add(assess(claim, line, adjustment, line.paidMinor() != 0, paysSomething));
            }
        }
        return new ClaimAssessment(claim, assessed);
    }

    private AssessedAdjustment assess(
            EraClaim claim,
            @Nullable EraServiceLine line,
            EraAdjustment adjustment,
            boolean paid,
            boolean claimPaysSomething) {
        return new AssessedAdjustment(adjustment, line, treatment(claim, adjustment, paid, claimPaysSomething));
    }

    private AdjustmentTreatment treatment(
            EraClaim claim, EraAdjustment adjustment, boolean paid, boolean claimPaysSomething) {
        return switch (adjustment.group()) {
            case "PR" -> AdjustmentTreatment.PATIENT;
            case "CO", "OA" -> {
                if (adjustment.group().equals("OA") && adjustment.reason().equals(PRIOR_PAYER)) {
                    yield AdjustmentTreatment.OTHER_PAYER;
                }
                // A denied claim is never written off by the remittance, whatever reason stands beside it.
                boolean writtenOff = !claim.isDenied() && isAccepted(adjustment.reason(), claimPaysSomething);
                yield writtenOff ? AdjustmentTreatment.CONTRACTUAL : open(claim, paid);
            }
            case "PI" -> open(claim, paid);
            default -> AdjustmentTreatment.REVIEW;
        };
    }

    /** A bundled line (97) is explained only if another line of the claim carries its payment. */
    private boolean isAccepted(String reason, boolean claimPaysSomething) {
        return accepted.contains(reason) || (reason.equals(BUNDLED) && claimPaysSomething);
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
