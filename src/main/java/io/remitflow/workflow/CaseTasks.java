package io.remitflow.workflow;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a case: a key that a page or client sends is believed only if it belongs to the case. */
@Component
public class CaseTasks {

    private final HumanTasks tasks;
    private final ProcessInstances instances;

    CaseTasks(HumanTasks tasks, ProcessInstances instances) {
        this.tasks = tasks;
        this.instances = instances;
    }

    /** @param businessKey under which the process of the case was started */
    public Optional<HumanTask> find(String process, String businessKey, String element) {
        return instances
                .find(process, businessKey)
                .flatMap(instance ->
                        tasks
                                .open(TaskQuery.ofInstance(instance.processInstanceKey())
                                        .at(element)
                                        .limit(1))
                                .stream()
                                .findFirst());
    }

    /**
     * @param key null: whichever is open
     * @param what the case in a word
     * @throws RuleViolation {@link Refusal#TASK_ALREADY_DECIDED} if no such task is open
     */
    public HumanTask require(String process, String businessKey, String element, @Nullable Long key, String what) {
        return find(process, businessKey, element)
                .filter(task -> key == null || task.key() == key)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.TASK_ALREADY_DECIDED,
                        "no such task is open for this %s at the moment".formatted(what)));
    }
}
