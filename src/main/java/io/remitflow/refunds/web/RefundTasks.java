package io.remitflow.refunds.web;

import io.remitflow.refunds.RefundSteps;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a refund: a key that a page or client sends is believed only if it belongs to the refund. */
@Component
class RefundTasks {

    private final CaseTasks tasks;

    RefundTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    Optional<HumanTask> find(UUID refund, String element) {
        return tasks.find(
                element.equals(RefundSteps.REISSUE) ? RefundSteps.RETURN_PROCESS : RefundSteps.PROCESS,
                refund.toString(),
                element);
    }

    HumanTask require(UUID refund, String element, @Nullable Long key) {
        return tasks.require(
                element.equals(RefundSteps.REISSUE) ? RefundSteps.RETURN_PROCESS : RefundSteps.PROCESS,
                refund.toString(),
                element,
                key,
                "refund");
    }
}
