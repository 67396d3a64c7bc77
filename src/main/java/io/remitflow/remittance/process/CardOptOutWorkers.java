package io.remitflow.remittance.process;

import static io.remitflow.workflow.HumanTasks.answer;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.remittance.CardOptOut;
import io.remitflow.remittance.CardOptOutSteps;
import io.remitflow.remittance.CardOptOuts;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/card-opt-out.bpmn}: variables in, one call, variables out. */
@Component
public class CardOptOutWorkers {

    private final CardOptOuts optOuts;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    CardOptOutWorkers(CardOptOuts optOuts, HumanTasks tasks, ProcessInstances instances) {
        this.optOuts = optOuts;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "remittance.collect-opt-out-facts")
    public Map<String, Object> collectFacts(
            @Variable String orgId, @Variable String optOutId, @ProcessInstanceKey Long instance) {
        return in(orgId, () -> {
            instances.started(CardOptOutSteps.PROCESS, optOutId, instance);
            CardOptOut optOut = optOuts.get(UUID.fromString(optOutId));
            return Map.of(
                    "payerName",
                    optOut.payerName(),
                    "amountText",
                    Amounts.format(optOut.amount()) + " " + optOut.amount().getCurrencyUnit(),
                    "feeText",
                    Amounts.format(optOut.fee()) + " " + optOut.fee().getCurrencyUnit(),
                    "requestText",
                    optOut.request(),
                    "refusalReason",
                    "");
        });
    }

    @JobWorker(type = "remittance.apply-opt-out")
    public Map<String, Object> apply(
            @Variable String orgId,
            @Variable String optOutId,
            @Variable @Nullable String optOutOutcome,
            @Variable @Nullable String optOutNote,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return in(orgId, () -> {
            CardOptOut optOut = optOuts.taskCompleted(
                            UUID.fromString(optOutId),
                            tasks.completed(
                                    instance,
                                    CardOptOutSteps.ASK,
                                    answer("optOutOutcome", optOutOutcome),
                                    answer("optOutNote", optOutNote)),
                            job)
                    .orElseThrow(() -> new NotYet("the completed task is not visible yet"));
            if (optOut.state().over()) {
                instances.ended(CardOptOutSteps.PROCESS, optOutId, instance);
            }
            return Map.of(
                    "optOutStep",
                    optOut.step(),
                    "refusalReason",
                    Objects.requireNonNullElse(optOut.refusalReason(), ""));
        });
    }

    @JobWorker(type = "remittance.look-at-opt-out-again")
    public void lookAgain(@Variable String orgId, @Variable String optOutId) {
        in(orgId, () -> {
            optOuts.lookAgain(UUID.fromString(optOutId));
            return Map.of();
        });
    }

    private static Map<String, Object> in(String orgId, Supplier<Map<String, Object>> work) {
        return CurrentOrganization.call(OrganizationId.of(orgId), work);
    }
}
