package io.remitflow.reconciliation.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.reconciliation.BankFigures;
import io.remitflow.reconciliation.BankReconciliation;
import io.remitflow.reconciliation.BankReconciliationSteps;
import io.remitflow.reconciliation.BankReconciliations;
import io.remitflow.workflow.ApprovableCases.Outcome;
import io.remitflow.workflow.ApprovableCases.Verification;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/bank-reconciliation.bpmn}: variables in, one call, variables out. */
@Component
public class BankReconciliationWorkers {

    private static final int NORMAL_PRIORITY = 50;
    private static final int ESCALATED_PRIORITY = 90;
    private static final String ALREADY_DECIDED = "alreadyDecided";
    private static final List<String> ACCOUNTING = List.of("accounting-staff");
    private static final List<String> WITH_CFO = List.of("accounting-staff", "cfo");

    private final BankReconciliations reconciliations;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    BankReconciliationWorkers(BankReconciliations reconciliations, HumanTasks tasks, ProcessInstances instances) {
        this.reconciliations = reconciliations;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "reconciliation.begin-bank-period")
    public Map<String, Object> begin(
            @Variable String orgId, @Variable String reconciliationId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            BankReconciliation found = reconciliations.get(UUID.fromString(reconciliationId));
            instances.started(BankReconciliationSteps.PROCESS, found.processKey(), instance);
            return Map.of(
                    "reconciliationNumber", found.number(),
                    "periodText", "%s to %s".formatted(found.start(), found.end()),
                    "priority", NORMAL_PRIORITY,
                    "workGroups", ACCOUNTING,
                    "approverGroups", WITH_CFO);
        });
    }

    @JobWorker(type = "reconciliation.match-bank-lines", timeout = 300_000)
    public Map<String, Object> match(@Variable String orgId, @Variable String reconciliationId) {
        return in(orgId, () -> {
            reconciliations.match();
            return figures(UUID.fromString(reconciliationId));
        });
    }

    @JobWorker(type = "reconciliation.verify-bank-work")
    public Map<String, Object> verifyWork(
            @Variable String orgId,
            @Variable String reconciliationId,
            @Variable @Nullable String reconciliationNotes,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(reconciliationId);
            BankReconciliation found = reconciliations
                    .taskCompleted(
                            id,
                            tasks.completed(
                                    instance,
                                    BankReconciliationSteps.WORK,
                                    answer("reconciliationNotes", reconciliationNotes)),
                            job)
                    .orElseThrow(() -> new NotYet("the completed task is not visible yet"));
            Map<String, Object> variables = new HashMap<>(figures(id));
            variables.put("balanced", !found.open());
            variables.put("version", found.version());
            variables.put("refusalReason", Objects.requireNonNullElse(found.refusalReason(), ""));
            return variables;
        });
    }

    @JobWorker(type = "reconciliation.remind-bank-work")
    public void remindWork(@Variable String orgId, @Variable String reconciliationId) {
        in(orgId, () -> {
            reconciliations.remindToWork(UUID.fromString(reconciliationId), false);
            return Map.of();
        });
    }

    @JobWorker(type = "reconciliation.escalate-bank-work")
    public Map<String, Object> escalateWork(@Variable String orgId, @Variable String reconciliationId) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(reconciliationId);
            if (!reconciliations.get(id).open()) {
                return Map.of(ALREADY_DECIDED, true);
            }
            reconciliations.remindToWork(id, true);
            return Map.of(ALREADY_DECIDED, false, "workGroups", WITH_CFO, "priority", ESCALATED_PRIORITY);
        });
    }

    @JobWorker(type = "reconciliation.verify-bank-approver")
    public Map<String, Object> verifyApprover(
            @Variable String orgId,
            @Variable String reconciliationId,
            @Variable int version,
            @Variable @Nullable String decision,
            @Variable @Nullable String comment,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(reconciliationId);
            Verification verification = reconciliations
                    .recorded(id, version, 1, job)
                    .or(() -> reconciliations.lookUp(
                            id,
                            1,
                            tasks.completed(
                                    instance,
                                    BankReconciliationSteps.APPROVE,
                                    answer("decision", decision),
                                    answer("comment", comment)),
                            job))
                    .orElseThrow(() -> new NotYet("the completed approval task is not visible yet"));
            if (verification.outcome() == Outcome.APPROVED) {
                instances.ended(
                        BankReconciliationSteps.PROCESS, reconciliations.get(id).processKey(), instance);
            }
            return Map.of(
                    "verification",
                    verification.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    "refusalReason",
                    switch (verification.outcome()) {
                        case APPROVED -> "";
                        // What the approver typed stays in the books.
                        case REJECTED -> "Sent back: the page of the reconciliation says why";
                        default -> Objects.requireNonNullElse(verification.reason(), "");
                    });
        });
    }

    @JobWorker(type = "reconciliation.remind-bank-approver")
    public void remindApprover(@Variable String orgId, @Variable String reconciliationId) {
        in(orgId, () -> {
            reconciliations.remind(UUID.fromString(reconciliationId), false);
            return Map.of();
        });
    }

    @JobWorker(type = "reconciliation.escalate-bank-approval")
    public Map<String, Object> escalateApproval(
            @Variable String orgId, @Variable String reconciliationId, @Variable int version) {
        return in(orgId, () -> {
            UUID id = UUID.fromString(reconciliationId);
            if (reconciliations.isDecided(id, version, 1)) {
                return Map.of(ALREADY_DECIDED, true);
            }
            reconciliations.remind(id, true);
            return Map.of(ALREADY_DECIDED, false, "approverGroups", List.of("cfo"), "priority", ESCALATED_PRIORITY);
        });
    }

    /** What the forms show; the page in Remitflow shows it as it is at the moment. */
    private Map<String, Object> figures(UUID id) {
        BankFigures figures = reconciliations.figures(id);
        return Map.of(
                "statementText", Amounts.format(figures.closing().statement()),
                "bookText", Amounts.format(figures.closing().book()),
                "differenceText", Amounts.format(figures.difference()),
                "openLines", figures.undecided().size());
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
