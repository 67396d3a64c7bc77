package io.remitflow.refunds.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a refund: a key that a page or client sends is believed only if it belongs to the refund. */
@Component
class RefundTasks {

    private final HumanTasks tasks;
    private final ProcessInstances instances;

    RefundTasks(HumanTasks tasks, ProcessInstances instances) {
        this.tasks = tasks;
        this.instances = instances;
    }

    Optional<HumanTask> find(UUID refund, String element) {
        return instances
                .find(
                        element.equals(RefundSteps.REISSUE) ? RefundSteps.RETURN_PROCESS : RefundSteps.PROCESS,
                        refund.toString())
                .flatMap(instance ->
                        tasks
                                .open(TaskQuery.ofInstance(instance.processInstanceKey())
                                        .at(element)
                                        .limit(1))
                                .stream()
                                .findFirst());
    }

    HumanTask require(UUID refund, String element, @Nullable Long key) {
        return find(refund, element)
                .filter(task -> key == null || task.key() == key)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.TASK_ALREADY_DECIDED, "no such task is open for this refund at the moment"));
    }
}
