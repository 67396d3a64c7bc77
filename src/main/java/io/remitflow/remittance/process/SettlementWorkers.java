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
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementCases;
import io.remitflow.remittance.SettlementSteps;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.HumanTasks.Answer;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/remittance-settlement.bpmn}: variables in, one call, variables out. */
@Component
public class SettlementWorkers {

    private final SettlementCases cases;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    SettlementWorkers(SettlementCases cases, HumanTasks tasks, ProcessInstances instances) {
        this.cases = cases;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "remittance.assess-settlement")
    public Map<String, Object> assessSettlement(
            @Variable String orgId,
            @Variable String settlementId,
            @Variable String settlementKey,
            @Variable int round,
            @Variable @Nullable String escalatedStep,
            @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(SettlementSteps.PROCESS, settlementKey, instance);
            var standing = cases.standing(UUID.fromString(settlementId), round);
            if (standing.step().equals(SettlementSteps.OVER)) {
                instances.ended(SettlementSteps.PROCESS, settlementKey, instance);
            }
            Settlement settlement = standing.settlement();
            Map<String, Object> variables = new HashMap<>();
            variables.put("settlementStep", standing.step());
            variables.put("escalatedStep", standing.step().equals(escalatedStep) ? escalatedStep : "");
            variables.put("clockIn", standing.clockIn().toString());
            variables.put("traceNumber", CardNumbers.removedFrom(settlement.traceNumber()));
            variables.put(
                    "amountText", text(settlement.remittanceSeen() ? settlement.expected() : settlement.received()));
            variables.put("receivedText", text(settlement.received()));
            variables.put("traceText", CardNumbers.removedFrom(settlement.traceRequest()));
            variables.put("refusalReason", Objects.requireNonNullElse(settlement.refusalReason(), ""));
            return variables;
        });
    }

    @JobWorker(type = "remittance.advance-clock")
    public void advanceClock(
            @Variable String orgId,
            @Variable String settlementId,
            @Variable int round,
            @Variable String settlementStep) {
        in(orgId, () -> {
            cases.clockStruck(UUID.fromString(settlementId), round, settlementStep);
            return Map.of();
        });
    }

    @JobWorker(type = "remittance.remind-about-settlement")
    public void remind(
            @Variable String orgId,
            @Variable String settlementId,
            @Variable int round,
            @Variable String settlementStep) {
        in(orgId, () -> {
            cases.remind(UUID.fromString(settlementId), round, settlementStep, false);
            return Map.of();
        });
    }

    @JobWorker(type = "remittance.escalate-settlement")
    public Map<String, Object> escalate(
            @Variable String orgId,
            @Variable String settlementId,
            @Variable int round,
            @Variable String settlementStep) {
        return in(orgId, () -> {
            cases.remind(UUID.fromString(settlementId), round, settlementStep, true);
            return Map.of("escalatedStep", settlementStep);
        });
    }

    @JobWorker(type = "remittance.apply-trace")
    public Map<String, Object> applyTrace(
            @Variable String orgId,
            @Variable String settlementId,
            @Variable int round,
            @Variable @Nullable Long settledTask,
            @Variable @Nullable String traceOutcome,
            @Variable @Nullable String traceNote,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return completed(
                orgId,
                settlementId,
                round,
                SettlementSteps.REQUEST_TRACE,
                settledTask,
                instance,
                job,
                answer("traceOutcome", traceOutcome),
                answer("traceNote", traceNote));
    }

    @JobWorker(type = "remittance.apply-resolution")
    public Map<String, Object> applyResolution(
            @Variable String orgId,
            @Variable String settlementId,
            @Variable int round,
            @Variable @Nullable Long settledTask,
            @Variable @Nullable String resolution,
            @Variable @Nullable String correctedAmount,
            @Variable @Nullable String resolutionNote,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return completed(
                orgId,
                settlementId,
                round,
                SettlementSteps.RESOLVE_MISMATCH,
                settledTask,
                instance,
                job,
                answer("resolution", resolution),
                answer("correctedAmount", correctedAmount),
                answer("resolutionNote", resolutionNote));
    }

    /** The next task of this step must not look as if it had been done on our page too. */
    private Map<String, Object> completed(
            String orgId,
            String settlementId,
            int round,
            String element,
            @Nullable Long settledTask,
            long instance,
            long job,
            Answer... answers) {
        return in(orgId, () -> {
            boolean seen = cases.taskCompleted(
                    UUID.fromString(settlementId),
                    round,
                    element,
                    settledTask,
                    tasks.completed(instance, element, answers),
                    job);
            if (!seen) {
                throw new NotYet("the completed task is not visible yet");
            }
            return Map.of("settledTask", 0);
        });
    }

    private static String text(Money amount) {
        return Amounts.format(amount) + " " + amount.getCurrencyUnit();
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
