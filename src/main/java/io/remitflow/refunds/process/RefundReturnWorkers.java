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
import io.remitflow.refunds.RefundPayouts;
import io.remitflow.refunds.RefundReturns;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import io.remitflow.workflow.ProcessInstances;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/refund-return.bpmn}: variables in, one call, variables out. */
@Component
public class RefundReturnWorkers {

    private final Refunds refunds;
    private final RefundReturns returns;
    private final HumanTasks tasks;
    private final ProcessInstances instances;

    RefundReturnWorkers(Refunds refunds, RefundReturns returns, HumanTasks tasks, ProcessInstances instances) {
        this.refunds = refunds;
        this.returns = returns;
        this.tasks = tasks;
        this.instances = instances;
    }

    @JobWorker(type = "refunds.collect-return")
    public Map<String, Object> collectReturn(
            @Variable String orgId, @Variable String refundId, @ProcessInstanceKey Long instance) {
        return CurrentOrganization.call(OrganizationId.of(orgId), () -> {
            instances.started(RefundSteps.RETURN_PROCESS, refundId, instance);
            Refund refund = refunds.get(UUID.fromString(refundId));
            return Map.of(
                    "refundNumber",
                    refund.number(),
                    "amountText",
                    Amounts.format(refund.amount()) + " " + refund.amount().getCurrencyUnit(),
                    "returnReason",
                    Objects.requireNonNullElse(refund.declineCode(), "").replace('_', ' '),
                    "refusalReason",
                    "");
        });
    }

    @JobWorker(type = "refunds.apply-reissue")
    public Map<String, Object> applyReissue(
            @Variable String orgId,
            @Variable String refundId,
            @Variable @Nullable String reissueMethod,
            @Variable @Nullable String methodReason,
            @ProcessInstanceKey Long instance,
            @JobKey Long job) {
        return CurrentOrganization.call(OrganizationId.of(orgId), () -> {
            RefundPayouts.Result found = returns.apply(
                            UUID.fromString(refundId),
                            tasks.completed(
                                    instance,
                                    RefundSteps.REISSUE,
                                    answer("reissueMethod", reissueMethod),
                                    answer("methodReason", methodReason)),
                            job)
                    .orElseThrow(() -> new NotYet("the completed task is not visible yet"));
            if (found.accepted()) {
                instances.ended(RefundSteps.RETURN_PROCESS, refundId, instance);
            }
            return Map.of(
                    "reissueAccepted",
                    found.accepted(),
                    "refusalReason",
                    Objects.requireNonNullElse(found.reason(), ""));
        });
    }
}
