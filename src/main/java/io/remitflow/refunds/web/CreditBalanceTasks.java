package io.remitflow.refunds.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a credit balance: a key that a page or client sends is believed only if it belongs to it. */
@Component
class CreditBalanceTasks {

    static final Set<String> OF_PEOPLE = Set.of(
            CreditBalanceSteps.CLASSIFY,
            CreditBalanceSteps.INVESTIGATE,
            CreditBalanceSteps.RESOLVE,
            CreditBalanceSteps.APPROVE,
            CreditBalanceSteps.PAY_BACK);

    private final HumanTasks tasks;
    private final ProcessInstances instances;

    CreditBalanceTasks(HumanTasks tasks, ProcessInstances instances) {
        this.tasks = tasks;
        this.instances = instances;
    }

    Optional<HumanTask> find(UUID credit, String element) {
        return instances
                .find(CreditBalanceSteps.PROCESS, credit.toString())
                .flatMap(instance ->
                        tasks
                                .open(TaskQuery.ofInstance(instance.processInstanceKey())
                                        .at(element)
                                        .limit(1))
                                .stream()
                                .findFirst());
    }

    HumanTask require(UUID credit, String element, @Nullable Long key) {
        return find(credit, element)
                .filter(task -> key == null || task.key() == key)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.TASK_ALREADY_DECIDED, "no such task is open for this credit at the moment"));
    }
}
