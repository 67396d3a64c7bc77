package io.remitflow.remittance;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Why a remittance waits for a person, or waited, and what was decided.
 *
 * @param reasons in words, at least one
 * @param amount what it pays, or what it takes back if that is more; zero or positive
 * @param requestedBy who uploaded it; null if it came by itself
 * @param levels roles that must approve, in order; null while the rule was not asked
 * @param refusalReason why the last completed task did not count
 * @param approved null while nobody decided
 * @param state of the remittance
 * @param round counts how often it was opened; earlier approvals hold for earlier rounds only
 * @param reopenedBy who wanted it looked at again; null in the first round
 * @param needsApproval whether the policy wants an approval besides a decision about a conflict
 * @param conflictWith the posted remittance that reports the same payment with other content
 * @param conflict what a person decided about that; null while nobody did
 */
public record RemittanceReview(
        UUID remittanceId,
        String traceNumber,
        List<String> reasons,
        Money amount,
        boolean takesBack,
        @Nullable UserId requestedBy,
        Instant requestedAt,
        @Nullable List<String> levels,
        @Nullable String approvalReason,
        @Nullable String refusalReason,
        @Nullable Boolean approved,
        @Nullable String comment,
        RemittanceState state,
        int round,
        @Nullable UserId reopenedBy,
        boolean needsApproval,
        @Nullable UUID conflictWith,
        @Nullable ConflictDecision conflict) {

    /** Who said what the remittance is, and why. */
    public record ConflictDecision(ConflictChoice choice, String reason, UserId by, Instant at) {}

    /** Business key of its process instance: one for each round. */
    public String processKey() {
        return round == 1 ? remittanceId.toString() : remittanceId + "." + round;
    }

    /** Whether a person must still say what it is. */
    public boolean conflictOpen() {
        return conflictWith != null && conflict == null && approved == null && state == RemittanceState.REVIEW;
    }

    /** The element of the process where it stands. */
    public String step() {
        return switch (state) {
            case POSTED, REVERSED -> RemittanceReviewSteps.POSTED;
            case HELD -> RemittanceReviewSteps.HELD;
            case REJECTED -> RemittanceReviewSteps.REJECTED;
            default -> {
                if (conflictOpen()) {
                    yield RemittanceReviewSteps.DECIDE_CONFLICT;
                }
                if (approved != null) {
                    yield RemittanceReviewSteps.POST;
                }
                yield levels == null ? RemittanceReviewSteps.DECIDE : RemittanceReviewSteps.APPROVE;
            }
        };
    }
}
