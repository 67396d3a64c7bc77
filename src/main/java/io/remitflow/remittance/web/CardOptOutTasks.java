package io.remitflow.remittance.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.remittance.CardOptOutSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskPage;
import io.remitflow.workflow.TaskQuery;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a payer that pays by virtual card. */
@Component
class CardOptOutTasks implements TaskPage {

    private final HumanTasks tasks;
    private final ProcessInstances instances;

    CardOptOutTasks(HumanTasks tasks, ProcessInstances instances) {
        this.tasks = tasks;
        this.instances = instances;
    }

    Optional<HumanTask> find(UUID optOut) {
        return instances
                .find(CardOptOutSteps.PROCESS, optOut.toString())
                .flatMap(instance ->
                        tasks
                                .open(TaskQuery.ofInstance(instance.processInstanceKey())
                                        .at(elementId())
                                        .limit(1))
                                .stream()
                                .findFirst());
    }

    /** A key that a page or client sends is believed only if it belongs to the case. */
    HumanTask require(UUID optOut, @Nullable Long key) {
        return find(optOut)
                .filter(task -> key == null || task.key() == key)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.TASK_ALREADY_DECIDED, "no such task is open for this payer at the moment"));
    }

    @Override
    public String processId() {
        return CardOptOutSteps.PROCESS;
    }

    @Override
    public String elementId() {
        return CardOptOutSteps.ASK;
    }

    @Override
    public Set<String> variables() {
        return Set.of("optOutId", "payerName", "feeText");
    }

    @Override
    public String href(HumanTask task) {
        return "/app/card-opt-outs/%s?task=%d".formatted(task.variables().get("optOutId"), task.key());
    }

    @Override
    public String title(HumanTask task) {
        return "Ask %s to stop paying by virtual card"
                .formatted(task.variables().getOrDefault("payerName", "the payer"));
    }
}
