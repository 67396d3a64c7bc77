package io.remitflow.workflow;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import org.jspecify.annotations.Nullable;

/**
 * What the signed-in person decides on the page of a case.
 *
 * @param taskKey the engine's task that this decision completes
 * @param version what the person saw: a decision about another version is refused
 */
public record ApprovalDecision(
        long taskKey,
        int version,
        boolean approve,
        @Nullable String comment) {

    /** As a page sends it: of the two buttons one was pressed, whoever has nothing to say leaves the comment empty. */
    public static ApprovalDecision ofForm(long taskKey, int version, String decision, String comment) {
        boolean approve = switch (decision) {
            case "approve" -> true;
            case "reject" -> false;
            default -> throw new RuleViolation(Refusal.INVALID_INPUT, "approve or reject");
        };
        return new ApprovalDecision(taskKey, version, approve, comment.isBlank() ? null : comment);
    }
}
