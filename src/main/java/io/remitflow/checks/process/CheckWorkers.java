package io.remitflow.checks.process;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.checks.CheckPackets;
import io.remitflow.checks.CheckReviewSteps;
import io.remitflow.checks.CheckReviews;
import io.remitflow.checks.Checks;
import io.remitflow.checks.PaperCheck;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/check-packet.bpmn} and {@code bpmn/check-review.bpmn}: variables in, one call, variables out. */
@Component
public class CheckWorkers {

    private static final int NORMAL_PRIORITY = 50;
    private static final int ESCALATED_PRIORITY = 90;

    private final CheckPackets packets;
    private final Checks checks;
    private final CheckReviews reviews;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    CheckWorkers(
            CheckPackets packets, Checks checks, CheckReviews reviews, HumanTasks tasks, ProcessInstances instances) {
        this.packets = packets;
        this.checks = checks;
        this.reviews = reviews;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "checks.read-packet", timeout = 300_000)
    public void readPacket(@Variable String orgId, @Variable String packetId, @ProcessInstanceKey Long instance) {
        in(orgId, () -> {
            instances.started(CheckReviewSteps.PACKET_PROCESS, packetId, instance);
            packets.read(UUID.fromString(packetId));
            instances.ended(CheckReviewSteps.PACKET_PROCESS, packetId, instance);
            return Map.of();
        });
    }

    @JobWorker(type = "checks.collect-facts")
    public Map<String, Object> collectFacts(
            @Variable String orgId, @Variable String checkId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(CheckReviewSteps.PROCESS, checkId, instance);
            // Of two that were staged at once neither saw the other.
            boolean duplicate = checks.suspectAgain(UUID.fromString(checkId));
            PaperCheck check = checks.get(UUID.fromString(checkId));
            Map<String, Object> variables = new HashMap<>(shown(check));
            variables.put("checkNumber", check.number());
            variables.put("duplicate", duplicate);
            variables.put("reviewGroups", List.of("billing-manager"));
            variables.put("duplicateGroups", List.of("billing-manager"));
            variables.put("correctionGroups", List.of("billing-clerk", "billing-manager"));
            variables.put("priority", NORMAL_PRIORITY);
            variables.put("decision", "");
            variables.put("refusalReason", "");
            return variables;
        });
    }

    @JobWorker(type = "checks.verify-duplicate-decision")
    public Map<String, Object> verifyDuplicateDecision(
            @Variable String orgId,
            @Variable String checkId,
            @Variable @Nullable String duplicateChoice,
            @Variable @Nullable String duplicateReason,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(checkId);
            return answer(
                    checkId,
                    instance,
                    reviews.duplicate(
                            id,
                            () -> tasks.completed(
                                    instance,
                                    CheckReviewSteps.DECIDE_DUPLICATE,
                                    HumanTasks.answer("duplicateChoice", duplicateChoice),
                                    HumanTasks.answer("duplicateReason", duplicateReason)),
                            Objects.requireNonNullElse(duplicateChoice, ""),
                            job));
        });
    }

    @JobWorker(type = "checks.verify-review")
    public Map<String, Object> verifyReview(
            @Variable String orgId,
            @Variable String checkId,
            @Variable @Nullable String decision,
            @Variable @Nullable String comment,
            @Variable @Nullable Boolean doubtsSeen,
            @Variable @Nullable Integer checkVersion,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(checkId);
            return answer(
                    checkId,
                    instance,
                    reviews.review(
                            id,
                            () -> tasks.completed(
                                    instance,
                                    CheckReviewSteps.REVIEW,
                                    HumanTasks.answer("decision", decision),
                                    HumanTasks.answer("comment", comment),
                                    HumanTasks.answer("doubtsSeen", doubtsSeen)),
                            checkVersion,
                            Objects.requireNonNullElse(decision, ""),
                            job));
        });
    }

    @JobWorker(type = "checks.verify-correction")
    public Map<String, Object> verifyCorrection(
            @Variable String orgId,
            @Variable String checkId,
            @Variable @Nullable String correction,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(checkId);
            return answer(
                    checkId,
                    instance,
                    reviews.correction(
                            id,
                            () -> tasks.completed(instance, CheckReviewSteps.CORRECT),
                            Objects.requireNonNullElse(correction, ""),
                            job));
        });
    }

    @JobWorker(type = "checks.remind-of-duplicate")
    public void remindOfDuplicate(@Variable String orgId, @Variable String checkId) {
        remind(orgId, checkId, CheckReviewSteps.DECIDE_DUPLICATE);
    }

    @JobWorker(type = "checks.remind-reviewer")
    public void remindReviewer(@Variable String orgId, @Variable String checkId) {
        remind(orgId, checkId, CheckReviewSteps.REVIEW);
    }

    @JobWorker(type = "checks.remind-of-correction")
    public void remindOfCorrection(@Variable String orgId, @Variable String checkId) {
        remind(orgId, checkId, CheckReviewSteps.CORRECT);
    }

    @JobWorker(type = "checks.escalate-duplicate")
    public Map<String, Object> escalateDuplicate(@Variable String orgId, @Variable String checkId) {
        return escalate(orgId, checkId, CheckReviewSteps.DECIDE_DUPLICATE, "duplicateGroups", List.of("cfo"));
    }

    @JobWorker(type = "checks.escalate-review")
    public Map<String, Object> escalateReview(@Variable String orgId, @Variable String checkId) {
        return escalate(orgId, checkId, CheckReviewSteps.REVIEW, "reviewGroups", List.of("cfo"));
    }

    /** Those at the scanner are still asked: only they can scan it again. */
    @JobWorker(type = "checks.escalate-correction")
    public Map<String, Object> escalateCorrection(@Variable String orgId, @Variable String checkId) {
        return escalate(
                orgId,
                checkId,
                CheckReviewSteps.CORRECT,
                "correctionGroups",
                List.of("billing-clerk", "billing-manager", "cfo"));
    }

    private void remind(String orgId, String checkId, String element) {
        in(orgId, () -> {
            reviews.remind(UUID.fromString(checkId), element);
            return Map.of();
        });
    }

    private Map<String, Object> escalate(
            String orgId, String checkId, String element, String groupsVariable, List<String> groups) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(checkId);
            boolean decided = reviews.escalate(id, element);
            Map<String, Object> variables = new HashMap<>(shown(checks.get(id)));
            variables.put("alreadyDecided", decided);
            variables.put(groupsVariable, groups);
            variables.put("priority", ESCALATED_PRIORITY);
            return variables;
        });
    }

    private Map<String, Object> answer(String checkId, long instance, Optional<String> outcome) {
        String verification = outcome.orElseThrow(() -> new NotYet("the completed task is not visible yet"));
        if (verification.equals(CheckReviews.CONFIRMED) || verification.equals(CheckReviews.REJECTED)) {
            instances.ended(CheckReviewSteps.PROCESS, checkId, instance);
        }
        PaperCheck check = checks.get(UUID.fromString(checkId));
        Map<String, Object> variables = new HashMap<>(shown(check));
        variables.put("verification", verification);
        variables.put(
                "refusalReason",
                verification.equals(CheckReviews.NOT_DECIDED)
                        ? Objects.requireNonNullElse(check.refusalReason(), "")
                        : "");
        return variables;
    }

    /** What the next task shows, and the version that says whether it is still so when somebody decides. */
    private static Map<String, Object> shown(PaperCheck check) {
        Money amount = check.amount();
        return Map.of(
                "amountText",
                amount == null ? "" : Amounts.format(amount) + " " + amount.getCurrencyUnit(),
                "checkVersion",
                check.version());
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
