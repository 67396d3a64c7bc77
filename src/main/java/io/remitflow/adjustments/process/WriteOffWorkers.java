package io.remitflow.adjustments.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.adjustments.Adjustment;
import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentPosting;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.adjustments.WriteOffSteps;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.workflow.ApprovableCases.Verification;
import io.remitflow.workflow.ApprovalRule;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.HumanTasks.Answer;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.SplitWarning;
import io.remitflow.workflow.SplitWarnings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/write-off.bpmn}: variables in, one call, variables out. */
@Component
public class WriteOffWorkers {

    private static final int NORMAL_PRIORITY = 50;
    private static final int ESCALATED_PRIORITY = 90;
    private static final String ALREADY_DECIDED = "alreadyDecided";

    private final Adjustments adjustments;
    private final AdjustmentApprovals approvals;
    private final AdjustmentPosting posting;
    private final Decisions decisions;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    WriteOffWorkers(
            Adjustments adjustments,
            AdjustmentApprovals approvals,
            AdjustmentPosting posting,
            Decisions decisions,
            HumanTasks tasks,
            ProcessInstances instances) {
        this.adjustments = adjustments;
        this.approvals = approvals;
        this.posting = posting;
        this.decisions = decisions;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "adjustments.collect-facts")
    public Map<String, Object> collectFacts(
            @Variable String orgId, @Variable String adjustmentId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(WriteOffSteps.PROCESS, adjustmentId, instance);
            Adjustment adjustment = adjustments.get(UUID.fromString(adjustmentId));
            return Map.of(
                    "adjustmentNumber",
                    adjustment.number(),
                    "adjustmentType",
                    adjustment.type().key().replace('_', ' '),
                    "amountText",
                    Amounts.format(adjustment.amount()) + " "
                            + adjustment.amount().getCurrencyUnit(),
                    "priority",
                    NORMAL_PRIORITY,
                    "refusalReason",
                    "");
        });
    }

    @JobWorker(type = "adjustments.determine-approval")
    public Map<String, Object> determineApproval(
            @Variable String orgId, @Variable String adjustmentId, @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(adjustmentId);
            var facts = approvals.facts(id);
            Map<String, Object> answer = decisions.decide(facts.rule(), Adjustments.SUBJECT, id, facts.inputs());
            List<String> asked = ApprovalRule.levels(answer);
            List<SplitWarning> warnings = approvals.splitting(id, facts, asked);
            SplitWarnings.Needed needed = SplitWarnings.needed(asked, String.valueOf(answer.get("reason")), warnings);
            Adjustment adjustment = approvals.ruleAnswered(id, facts.version(), needed.levels(), needed.reason());
            List<String> levels = Objects.requireNonNullElse(adjustment.levels(), List.of());
            Map<String, Object> variables = new HashMap<>();
            variables.put("version", adjustment.version());
            variables.put("levelCount", levels.size());
            variables.put("level", 1);
            variables.put(ALREADY_DECIDED, approvals.isDecided(id, adjustment.version(), 1));
            variables.put("approverGroups", ApprovalRule.firstGroups(answer, levels));
            variables.put("dueDays", SplitWarnings.dueDays(answer.get("dueDays")));
            variables.put("escalateTo", ApprovalRule.escalateTo(answer));
            variables.put("approvalReason", needed.reason());
            variables.put("splitWarnings", SplitWarnings.text(warnings));
            variables.put("askedAfter", job);
            return variables;
        });
    }

    @JobWorker(type = "adjustments.verify-authority")
    public Map<String, Object> verifyAuthority(
            @Variable String orgId,
            @Variable String adjustmentId,
            @Variable int version,
            @Variable int level,
            @Variable List<String> approverGroups,
            @Variable @Nullable Long askedAfter,
            @Variable @Nullable String decision,
            @Variable @Nullable String comment,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(adjustmentId);
            Verification verification = approvals
                    .recorded(id, version, level, job)
                    .or(() -> approvals.lookUp(
                            id,
                            level,
                            completed(instance, askedAfter, answer("decision", decision), answer("comment", comment)),
                            job))
                    .orElseThrow(Verification::notYet);
            if (verification.rejected()) {
                instances.ended(WriteOffSteps.PROCESS, adjustmentId, instance);
            }
            return verification.variables(
                    level, approverGroups, () -> adjustments.get(id).levels());
        });
    }

    @JobWorker(type = "adjustments.remind-approver")
    public void remindApprover(@Variable String orgId, @Variable String adjustmentId) {
        in(orgId, () -> {
            approvals.remind(UUID.fromString(adjustmentId), false);
            return Map.of();
        });
    }

    @JobWorker(type = "adjustments.escalate-approval")
    public Map<String, Object> escalateApproval(
            @Variable String orgId,
            @Variable String adjustmentId,
            @Variable int version,
            @Variable int level,
            @Variable @Nullable String escalateTo) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(adjustmentId);
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

    @JobWorker(type = "adjustments.post-write-off")
    public Map<String, Object> postWriteOff(
            @Variable String orgId, @Variable String adjustmentId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            boolean posted = posting.post(UUID.fromString(adjustmentId));
            instances.ended(WriteOffSteps.PROCESS, adjustmentId, instance);
            return Map.of("posted", posted);
        });
    }

    /** Of this version only: the keys of an instance grow, and tasks of an earlier version are older than its rule. */
    private List<CompletedTask> completed(long instance, @Nullable Long askedAfter, Answer... answers) {
        return tasks.completed(instance, WriteOffSteps.APPROVE, answers).stream()
                .filter(task -> askedAfter == null || task.key() > askedAfter)
                .toList();
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
