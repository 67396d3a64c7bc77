package io.remitflow.remittance.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a settlement: a key that a page or client sends is believed only if it belongs to it. */
@Component
class SettlementTasks {

    private final HumanTasks tasks;
    private final ProcessInstances instances;

    SettlementTasks(HumanTasks tasks, ProcessInstances instances) {
        this.tasks = tasks;
        this.instances = instances;
    }

    Optional<HumanTask> find(Settlement settlement, String element) {
        return instances
                .find(SettlementSteps.PROCESS, settlement.processKey())
                .flatMap(instance ->
                        tasks
                                .open(TaskQuery.ofInstance(instance.processInstanceKey())
                                        .at(element)
                                        .limit(1))
                                .stream()
                                .findFirst());
    }

    HumanTask require(Settlement settlement, String element, @Nullable Long key) {
        return find(settlement, element)
                .filter(task -> key == null || task.key() == key)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.TASK_ALREADY_DECIDED, "no such task is open for this settlement at the moment"));
    }
}
