package io.remitflow.remittance.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.remittance.ConflictChoice;
import io.remitflow.remittance.RemittanceConflicts;
import io.remitflow.remittance.RemittanceReview;
import io.remitflow.remittance.RemittanceReviewSteps;
import io.remitflow.remittance.RemittanceReviews;
import io.remitflow.remittance.RemittanceState;
import io.remitflow.workflow.ApprovableCases.Verification;
import io.remitflow.workflow.ApprovalRule;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/remittance-review.bpmn}: variables in, one call, variables out. */
@Component
public class RemittanceReviewWorkers {

    private static final int NORMAL_PRIORITY = 50;
    private static final int ESCALATED_PRIORITY = 90;
    private static final String ALREADY_DECIDED = "alreadyDecided";

    private final RemittanceReviews reviews;
    private final RemittanceConflicts conflicts;
    private final Decisions decisions;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    RemittanceReviewWorkers(
            RemittanceReviews reviews,
            RemittanceConflicts conflicts,
            Decisions decisions,
            HumanTasks tasks,
            ProcessInstances instances) {
        this.reviews = reviews;
        this.conflicts = conflicts;
        this.decisions = decisions;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "remittance.collect-review-facts")
    public Map<String, Object> collectFacts(
            @Variable String orgId, @Variable String remittanceId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            RemittanceReview review = reviews.get(UUID.fromString(remittanceId));
            instances.started(RemittanceReviewSteps.PROCESS, review.processKey(), instance);
            Map<String, Object> variables = new HashMap<>();
            variables.put("traceNumber", CardNumbers.removedFrom(review.traceNumber()));
            variables.put(
                    "amountText",
                    Amounts.format(review.amount()) + " " + review.amount().getCurrencyUnit());
            variables.put("reviewReason", String.join("; ", review.reasons()));
            variables.put("priority", NORMAL_PRIORITY);
            variables.put("refusalReason", "");
            variables.put("conflict", review.conflictOpen());
            return variables;
        });
    }

    @JobWorker(type = "remittance.verify-conflict-decision")
    public Map<String, Object> verifyConflictDecision(
            @Variable String orgId,
            @Variable String remittanceId,
            @Variable @Nullable String conflictChoice,
            @Variable @Nullable String conflictReason,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(remittanceId);
            RemittanceReview review = conflicts
                    .taskCompleted(
                            id,
                            tasks.completed(
                                    instance,
                                    RemittanceReviewSteps.DECIDE_CONFLICT,
                                    answer("conflictChoice", conflictChoice),
                                    answer("conflictReason", conflictReason)),
                            job)
                    .orElseThrow(() -> new NotYet("the completed task is not visible yet"));
            RemittanceReview.ConflictDecision decision = review.conflict();
            boolean rejected = decision != null && decision.choice() != ConflictChoice.ANOTHER_PAYMENT;
            if (rejected) {
                instances.ended(RemittanceReviewSteps.PROCESS, review.processKey(), instance);
            }
            return Map.of(
                    "verification",
                    decision == null ? "not-authorised" : rejected ? "rejected" : "another-payment",
                    "needsApproval",
                    review.needsApproval(),
                    "refusalReason",
                    Objects.requireNonNullElse(review.refusalReason(), ""));
        });
    }

    @JobWorker(type = "remittance.remind-about-conflict")
    public void remindAboutConflict(@Variable String orgId, @Variable String remittanceId) {
        in(orgId, () -> {
            conflicts.remind(UUID.fromString(remittanceId));
            return Map.of();
        });
    }

    @JobWorker(type = "remittance.determine-review")
    public Map<String, Object> determineApproval(@Variable String orgId, @Variable String remittanceId) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(remittanceId);
            Map<String, Object> answer =
                    decisions.decide("remittance-review", RemittanceReviews.SUBJECT, id, reviews.facts(id));
            RemittanceReview review = reviews.ruleAnswered(
                    id, ApprovalRule.levelsOfSomebody(answer), String.valueOf(answer.get("reason")));
            return Map.of(
                    "level",
                    1,
                    ALREADY_DECIDED,
                    reviews.isDecided(id, 1),
                    "approverGroups",
                    List.of(Objects.requireNonNullElse(review.levels(), List.of("cfo"))
                            .getFirst()),
                    "dueDays",
                    answer.getOrDefault("dueDays", 1),
                    "approvalReason",
                    Objects.requireNonNullElse(review.approvalReason(), ""));
        });
    }

    @JobWorker(type = "remittance.verify-reviewer")
    public Map<String, Object> verifyAuthority(
            @Variable String orgId,
            @Variable String remittanceId,
            @Variable int level,
            @Variable List<String> approverGroups,
            @Variable @Nullable String decision,
            @Variable @Nullable String comment,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(remittanceId);
            Verification verification = reviews.recorded(id, level, job)
                    .or(() -> reviews.lookUp(
                            id,
                            level,
                            tasks.completed(
                                    instance,
                                    RemittanceReviewSteps.APPROVE,
                                    answer("decision", decision),
                                    answer("comment", comment)),
                            job))
                    .orElseThrow(Verification::notYet);
            if (verification.rejected()) {
                instances.ended(RemittanceReviewSteps.PROCESS, reviews.get(id).processKey(), instance);
            }
            return verification.variables(
                    level, approverGroups, () -> reviews.get(id).levels());
        });
    }

    @JobWorker(type = "remittance.remind-reviewer")
    public void remindApprover(@Variable String orgId, @Variable String remittanceId) {
        in(orgId, () -> {
            reviews.remind(UUID.fromString(remittanceId), false);
            return Map.of();
        });
    }

    @JobWorker(type = "remittance.escalate-review")
    public Map<String, Object> escalateApproval(
            @Variable String orgId, @Variable String remittanceId, @Variable int level) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(remittanceId);
            if (reviews.isDecided(id, level)) {
                return Map.of(ALREADY_DECIDED, true);
            }
            reviews.remind(id, true);
            return Map.of(ALREADY_DECIDED, false, "approverGroups", List.of("cfo"), "priority", ESCALATED_PRIORITY);
        });
    }

    @JobWorker(type = "remittance.post-reviewed")
    public Map<String, Object> post(
            @Variable String orgId, @Variable String remittanceId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(remittanceId);
            String key = reviews.get(id).processKey();
            RemittanceState state = reviews.post(id);
            instances.ended(RemittanceReviewSteps.PROCESS, key, instance);
            return Map.of("posted", state == RemittanceState.POSTED);
        });
    }

    /** A rule that names nobody is not understood: then both must approve. */
    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
