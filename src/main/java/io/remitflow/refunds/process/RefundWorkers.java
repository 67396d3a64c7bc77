package io.remitflow.refunds.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.refunds.RefundBooking;
import io.remitflow.refunds.RefundIssuing;
import io.remitflow.refunds.RefundPayouts;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.ApprovableCases.Verification;
import io.remitflow.workflow.ApprovalRule;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.HumanTasks.Answer;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.SplitWarning;
import io.remitflow.workflow.SplitWarnings;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/refund.bpmn}: variables in, one call, variables out. */
@Component
public class RefundWorkers {

    private static final int NORMAL_PRIORITY = 50;
    private static final int ESCALATED_PRIORITY = 90;
    private static final int RETURNED_DUE_DAYS = 1;
    private static final String ASKED_AFTER = "askedAfter";
    private static final String ALREADY_DECIDED = "alreadyDecided";

    private final Refunds refunds;
    private final RefundApprovals approvals;
    private final RefundIssuing issuing;
    private final RefundPayouts payouts;
    private final RefundBooking booking;
    private final Decisions decisions;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    RefundWorkers(
            Refunds refunds,
            RefundApprovals approvals,
            RefundIssuing issuing,
            RefundPayouts payouts,
            RefundBooking booking,
            Decisions decisions,
            HumanTasks tasks,
            ProcessInstances instances) {
        this.refunds = refunds;
        this.approvals = approvals;
        this.issuing = issuing;
        this.payouts = payouts;
        this.booking = booking;
        this.decisions = decisions;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "refunds.collect-facts")
    public Map<String, Object> collectFacts(
            @Variable String orgId, @Variable String refundId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(RefundSteps.PROCESS, refundId, instance);
            Refund refund = refunds.get(UUID.fromString(refundId));
            Map<String, Object> variables = new HashMap<>();
            variables.put("refundNumber", refund.number());
            variables.put(
                    "amountText",
                    Amounts.format(refund.amount()) + " " + refund.amount().getCurrencyUnit());
            variables.put("refundMethod", refund.method().key());
            variables.put("methodText", refund.method().words());
            variables.put("priority", NORMAL_PRIORITY);
            variables.put("refusalReason", "");
            return variables;
        });
    }

    @JobWorker(type = "refunds.determine-approval")
    public Map<String, Object> determineApproval(@Variable String orgId, @Variable String refundId, @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(refundId);
            var facts = approvals.facts(id);
            Map<String, Object> answer = decisions.decide(RefundApprovals.RULE, Refunds.SUBJECT, id, facts.inputs());
            List<String> asked = ApprovalRule.levels(answer);
            List<SplitWarning> warnings = approvals.splitting(id, facts, asked);
            SplitWarnings.Needed needed = SplitWarnings.needed(asked, String.valueOf(answer.get("reason")), warnings);
            Refund refund = approvals.ruleAnswered(id, facts.version(), needed.levels(), needed.reason());
            // More than none only where an earlier process of this refund was lost.
            int given = approvals.given(id);
            List<String> all = Objects.requireNonNullElse(refund.levels(), List.of());
            // Whatever a cancelled one does, its cancellation ends it; a rejected one leaves by its decision.
            boolean decided = refund.status() != RefundStatus.CANCELLED
                    && refund.status() != RefundStatus.REJECTED
                    && (refund.status() != RefundStatus.PENDING || given >= all.size());
            Map<String, Object> variables = new HashMap<>();
            variables.put("version", refund.version());
            variables.put("levelCount", decided ? 0 : all.size() - given);
            variables.put("level", given + 1);
            variables.put(ALREADY_DECIDED, approvals.isDecided(id, refund.version(), given + 1));
            variables.put("approverGroups", groups(decided, given, all, answer));
            variables.put("dueDays", SplitWarnings.dueDays(answer.get("dueDays")));
            variables.put("escalateTo", ApprovalRule.escalateTo(answer));
            variables.put(
                    "approvalReason",
                    approvals
                            .beyondCredit(id)
                            .map(warning -> needed.reason() + ". " + warning)
                            .orElse(needed.reason()));
            variables.put("splitWarnings", SplitWarnings.text(warnings));
            variables.put(ASKED_AFTER, job);
            return variables;
        });
    }

    private static List<String> groups(boolean decided, int given, List<String> levels, Map<String, Object> answer) {
        if (decided) {
            return List.of();
        }
        return given == 0 || given >= levels.size()
                ? ApprovalRule.firstGroups(answer, levels)
                : List.of(levels.get(given));
    }

    @JobWorker(type = "refunds.verify-authority")
    public Map<String, Object> verifyAuthority(
            @Variable String orgId,
            @Variable String refundId,
            @Variable int version,
            @Variable int level,
            @Variable List<String> approverGroups,
            @Variable @Nullable Long askedAfter,
            @Variable @Nullable String decision,
            @Variable @Nullable String comment,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(refundId);
            Verification verification = approvals
                    .recorded(id, version, level, job)
                    .or(() -> approvals.lookUp(
                            id,
                            level,
                            decisions(instance, askedAfter, answer("decision", decision), answer("comment", comment)),
                            job))
                    .orElseThrow(Verification::notYet);
            if (verification.rejected()) {
                instances.ended(RefundSteps.PROCESS, refundId, instance);
            }
            return verification.variables(
                    level, approverGroups, () -> refunds.get(id).levels());
        });
    }

    @JobWorker(type = "refunds.remind-approver")
    public void remindApprover(@Variable String orgId, @Variable String refundId) {
        in(orgId, () -> {
            approvals.remind(UUID.fromString(refundId), false);
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.escalate-approval")
    public Map<String, Object> escalateApproval(
            @Variable String orgId,
            @Variable String refundId,
            @Variable int version,
            @Variable int level,
            @Variable @Nullable String escalateTo) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(refundId);
            if (approvals.isDecided(id, version, level)) {
                return Map.of(ALREADY_DECIDED, true);
            }
            approvals.remind(id, true);
            return Map.of(
                    ALREADY_DECIDED,
                    false,
                    "approverGroups",
                    List.of(Objects.requireNonNullElse(escalateTo, "cfo")),
                    "priority",
                    ESCALATED_PRIORITY);
        });
    }

    /** After the approval, the payment turned out not to cover the refund any more. */
    @JobWorker(type = "refunds.return-to-approver")
    public Map<String, Object> returnToApprover(@Variable String orgId, @Variable String refundId, @JobKey Long job) {
        return in(orgId, () -> {
            Refund refund = approvals.fellShort(UUID.fromString(refundId));
            List<String> levels = Objects.requireNonNullElse(refund.levels(), List.of("billing-manager"));
            return Map.of(
                    "version",
                    refund.version(),
                    "levelCount",
                    levels.size(),
                    "level",
                    1,
                    "approverGroups",
                    List.of(levels.getFirst()),
                    "dueDays",
                    RETURNED_DUE_DAYS,
                    "priority",
                    ESCALATED_PRIORITY,
                    "refusalReason",
                    // Somebody may have typed why it is held: that stays in the books.
                    refund.holdReason() != null
                            ? "Held back after it was approved: the page of the refund says why"
                            : Objects.requireNonNullElse(refund.refusalReason(), ""),
                    ASKED_AFTER,
                    job);
        });
    }

    @JobWorker(type = "refunds.issue-refund")
    public Map<String, Object> issueRefund(@Variable String orgId, @Variable String refundId) {
        return in(orgId, () -> gatewayAnswer(issuing.issue(UUID.fromString(refundId))));
    }

    @JobWorker(type = "refunds.ask-gateway")
    public Map<String, Object> askGateway(@Variable String orgId, @Variable String refundId) {
        return in(orgId, () -> gatewayAnswer(issuing.issue(UUID.fromString(refundId))));
    }

    @JobWorker(type = "refunds.apply-method")
    public Map<String, Object> applyMethod(
            @Variable String orgId,
            @Variable String refundId,
            @Variable @Nullable String refundMethod,
            @Variable @Nullable String methodReason,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return taskResult(
                orgId,
                "methodAccepted",
                () -> payouts.applyMethod(
                        UUID.fromString(refundId),
                        tasks.completed(
                                instance,
                                RefundSteps.CHOOSE_METHOD,
                                answer("refundMethod", refundMethod),
                                answer("methodReason", methodReason)),
                        job));
    }

    @JobWorker(type = "refunds.release-payout")
    public void releasePayout(@Variable String orgId, @Variable String refundId) {
        in(orgId, () -> {
            payouts.awaitPayout(UUID.fromString(refundId));
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.verify-payout")
    public Map<String, Object> verifyPayout(
            @Variable String orgId,
            @Variable String refundId,
            @Variable @Nullable String payoutReference,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return taskResult(
                orgId,
                "payoutAccepted",
                () -> payouts.verifyPayout(
                        UUID.fromString(refundId),
                        tasks.completed(instance, RefundSteps.PAY_OUT, answer("payoutReference", payoutReference)),
                        job));
    }

    @JobWorker(type = "refunds.remind-due")
    public void remindDue(@Variable String orgId, @Variable String refundId) {
        in(orgId, () -> {
            refunds.remindDue(UUID.fromString(refundId), false);
            return Map.of();
        });
    }

    /** Tasks that begin from now on come first in every list. */
    @JobWorker(type = "refunds.escalate-due")
    public Map<String, Object> escalateDue(@Variable String orgId, @Variable String refundId) {
        return in(orgId, () -> {
            refunds.remindDue(UUID.fromString(refundId), true);
            return Map.of("priority", ESCALATED_PRIORITY);
        });
    }

    @JobWorker(type = "refunds.complete-refund")
    public void completeRefund(@Variable String orgId, @Variable String refundId, @ProcessInstanceKey Long instance) {
        in(orgId, () -> {
            booking.complete(UUID.fromString(refundId));
            instances.ended(RefundSteps.PROCESS, refundId, instance);
            return Map.of();
        });
    }

    /** Of this version only: the keys of an instance grow, and tasks of an earlier version are older than its rule. */
    private List<CompletedTask> decisions(long instance, @Nullable Long askedAfter, Answer... answers) {
        return tasks.completed(instance, RefundSteps.APPROVE, answers).stream()
                .filter(task -> askedAfter == null || task.key() > askedAfter)
                .toList();
    }

    private static Map<String, Object> gatewayAnswer(RefundIssuing.Issued issued) {
        return Map.of("gatewayAnswer", code(issued.answer()), "gatewayKey", issued.key());
    }

    /** Whether the newest completed task counted, in the variable the model asks, and if not, why. */
    private static Map<String, Object> taskResult(
            String orgId, String variable, Supplier<Optional<RefundPayouts.Result>> verification) {
        return in(orgId, () -> {
            RefundPayouts.Result found =
                    verification.get().orElseThrow(() -> new NotYet("the completed task is not visible yet"));
            return Map.of(variable, found.accepted(), "refusalReason", Objects.requireNonNullElse(found.reason(), ""));
        });
    }

    private static String code(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
