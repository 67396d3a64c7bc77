package io.remitflow.refunds.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditCases;
import io.remitflow.refunds.CreditClassification;
import io.remitflow.refunds.CreditReturn;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.workflow.ApprovalRule;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.SplitWarning;
import io.remitflow.workflow.SplitWarnings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/credit-balance.bpmn}: variables in, one call, variables out. */
@Component
public class CreditBalanceWorkers {

    private static final int NORMAL_PRIORITY = 50;
    private static final int ESCALATED_PRIORITY = 80;

    private final CreditBalances credits;
    private final CreditCases cases;
    private final CreditReturns returns;
    private final Decisions decisions;
    private final HumanTasks tasks;
    private final ProcessInstances instances;
    private final Organizations organizations;

    CreditBalanceWorkers(
            CreditBalances credits,
            CreditCases cases,
            CreditReturns returns,
            Decisions decisions,
            HumanTasks tasks,
            ProcessInstances instances,
            Organizations organizations) {
        this.credits = credits;
        this.cases = cases;
        this.returns = returns;
        this.decisions = decisions;
        this.tasks = tasks;
        this.instances = instances;
        this.organizations = organizations;
    }

    /** Before each task, wait or end: where the case stands, and when its clock strikes. */
    @JobWorker(type = "refunds.assess-credit")
    public Map<String, Object> assess(
            @Variable String orgId, @Variable String creditId, @ProcessInstanceKey Long instance, @JobKey Long job) {
        return in(orgId, () -> {
            instances.started(CreditBalanceSteps.PROCESS, creditId, instance);
            CreditCases.Standing standing = cases.standing(UUID.fromString(creditId));
            CreditBalance credit = standing.credit();
            if (credit.isResolved()) {
                instances.ended(CreditBalanceSteps.PROCESS, creditId, instance);
            }
            Map<String, Object> variables = new HashMap<>();
            variables.put("creditStep", credit.step());
            variables.put(
                    "amountText",
                    Amounts.format(credit.amount()) + " " + credit.amount().getCurrencyUnit());
            variables.put("dueText", dueText(standing));
            variables.put("remindAt", standing.remindAt().toString());
            variables.put("dueAt", standing.dueAt().toString());
            variables.put("suspensionEndsAt", standing.suspensionEndsAt().toString());
            variables.put("letterAt", standing.letterAt().toString());
            variables.put("followUpIn", "P" + standing.followUpDays() + "D");
            variables.put("ownerGroups", standing.groups());
            variables.put("priority", credit.isEscalated() ? ESCALATED_PRIORITY : NORMAL_PRIORITY);
            variables.put("refusalReason", Objects.requireNonNullElse(credit.refusal(), ""));
            variables.put("level", standing.level());
            variables.put("dueDays", standing.dueDays());
            variables.put("askedAfter", job);
            putClassification(variables, credit);
            Optional<CreditReturn> wanted = returns.underWay(credit.id());
            putReturn(variables, wanted);
            variables.put(
                    "splitWarnings",
                    wanted.map(each -> SplitWarnings.text(returns.splitting(each)))
                            .orElse(""));
            // What people are asked for starts empty each time.
            List.of(
                            "note",
                            "choice",
                            "reason",
                            "targetNumber",
                            "method",
                            "finding",
                            "decision",
                            "comment",
                            "payoutReference")
                    .forEach(name -> variables.put(name, ""));
            variables.put("doneHere", false);
            return variables;
        });
    }

    @JobWorker(type = "refunds.apply-credit-task")
    public Map<String, Object> applyTask(
            @Variable String orgId,
            @Variable String creditId,
            @Variable String creditStep,
            @Variable int level,
            @Variable long askedAfter,
            @Variable @Nullable Boolean doneHere,
            @Variable @Nullable String belongsTo,
            @Variable @Nullable String payerClass,
            @Variable @Nullable String causeCode,
            @Variable @Nullable String note,
            @Variable @Nullable String finding,
            @Variable @Nullable String choice,
            @Variable @Nullable String reason,
            @Variable @Nullable String targetNumber,
            @Variable @Nullable String method,
            @Variable @Nullable String decision,
            @Variable @Nullable String comment,
            @Variable @Nullable String payoutReference,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            if (Boolean.TRUE.equals(doneHere)) {
                return Map.of();
            }
            // Keys grow within an instance: an older task was completed for another question.
            List<CompletedTask> completed = tasks
                    .completed(
                            instance,
                            creditStep,
                            answer("belongsTo", belongsTo),
                            answer("payerClass", payerClass),
                            answer("causeCode", causeCode),
                            answer("note", note),
                            answer("finding", finding),
                            answer("choice", choice),
                            answer("reason", reason),
                            answer("targetNumber", targetNumber),
                            answer("method", method),
                            answer("decision", decision),
                            answer("comment", comment),
                            answer("payoutReference", payoutReference))
                    .stream()
                    .filter(task -> task.key() > askedAfter)
                    .toList();
            if (!cases.completed(UUID.fromString(creditId), creditStep, level, completed, job)) {
                throw new NotYet("the completed task is not visible yet");
            }
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.determine-credit-approval")
    public void determineApproval(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            UUID id = UUID.fromString(creditId);
            returns.underWay(id).filter(wanted -> wanted.levels() == null).ifPresent(wanted -> {
                Map<String, Object> facts = returns.facts(wanted);
                Map<String, Object> answer =
                        decisions.decide(RefundApprovals.RULE, CreditReturns.SUBJECT, wanted.id(), facts);
                List<String> asked = ApprovalRule.levels(answer);
                List<SplitWarning> warnings = returns.splitting(wanted, facts, asked);
                SplitWarnings.Needed needed =
                        SplitWarnings.needed(asked, String.valueOf(answer.get("reason")), warnings);
                returns.ruleAnswered(
                        id,
                        wanted.id(),
                        new CreditReturns.Answer(
                                needed.levels(),
                                needed.reason(),
                                ApprovalRule.firstGroups(answer, needed.levels()),
                                SplitWarnings.dueDays(answer.get("dueDays")),
                                ApprovalRule.escalateTo(answer)));
            });
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.post-credit-transfer")
    public void postTransfer(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            returns.postTransfer(UUID.fromString(creditId));
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.note-missing-takeback")
    public void noteMissingTakeback(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            cases.notTakenBack(UUID.fromString(creditId));
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.remind-of-credit")
    public void remind(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            cases.remind(UUID.fromString(creditId));
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.escalate-credit")
    public void escalate(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            cases.escalate(UUID.fromString(creditId));
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.ask-for-owner-letter")
    public void askForLetter(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            cases.askForLetter(UUID.fromString(creditId));
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.remind-credit-approver")
    public void remindApprover(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            returns.remind(UUID.fromString(creditId), false);
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.escalate-credit-approval")
    public void escalateApproval(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            returns.remind(UUID.fromString(creditId), true);
            return Map.of();
        });
    }

    @JobWorker(type = "refunds.end-credit-suspension")
    public void endSuspension(@Variable String orgId, @Variable String creditId) {
        in(orgId, () -> {
            cases.suspensionEnded(UUID.fromString(creditId));
            return Map.of();
        });
    }

    private String dueText(CreditCases.Standing standing) {
        var deadline = standing.deadline();
        return deadline.isSuspended(organizations.today())
                ? "%s at the latest: the clock stands still, %d days are left"
                        .formatted(deadline.dueOn(), deadline.runningDaysLeft())
                : deadline.dueOn().toString();
    }

    private void putClassification(Map<String, Object> variables, CreditBalance credit) {
        CreditClassification classification = credit.classification();
        var evidence = credits.classifications(credit.id());
        variables.put(
                "belongsTo",
                classification == null ? "" : classification.belongsTo().key());
        variables.put(
                "payerClass",
                classification == null ? "" : classification.payerClass().key());
        variables.put(
                "causeCode",
                classification == null ? "" : classification.cause().key());
        variables.put("ownerText", classification == null ? "" : classification.words());
        variables.put(
                "causeText",
                classification == null ? "" : classification.cause().words());
        // Only what the books found: what somebody typed stays with the case.
        variables.put(
                "evidenceText",
                evidence.isEmpty() || evidence.getLast().decidedBy() != null
                        ? ""
                        : evidence.getLast().evidence());
    }

    private static void putReturn(Map<String, Object> variables, Optional<CreditReturn> wanted) {
        variables.put("returnId", wanted.map(each -> each.id().toString()).orElse(""));
        variables.put("returnText", wanted.map(CreditReturn::words).orElse(""));
        variables.put(
                "returnAmountText",
                wanted.map(each -> Amounts.format(each.amount())).orElse(""));
        variables.put("approvalReason", wanted.map(CreditReturn::approvalReason).orElse(""));
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
