package io.remitflow.claims.web;

import io.remitflow.claims.DenialSteps;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a denial: a key that a page or client sends is believed only if it belongs to the denial. */
@Component
class DenialTasks {

    private final HumanTasks tasks;
    private final ProcessInstances instances;

    DenialTasks(HumanTasks tasks, ProcessInstances instances) {
        this.tasks = tasks;
        this.instances = instances;
    }

    Optional<HumanTask> find(UUID denial, String element) {
        return instances
                .find(DenialSteps.PROCESS, denial.toString())
                .flatMap(instance ->
                        tasks
                                .open(TaskQuery.ofInstance(instance.processInstanceKey())
                                        .at(element)
                                        .limit(1))
                                .stream()
                                .findFirst());
    }

    HumanTask require(UUID denial, String element, @Nullable Long key) {
        return find(denial, element)
                .filter(task -> key == null || task.key() == key)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.TASK_ALREADY_DECIDED, "no such task is open for this denial at the moment"));
    }
}
