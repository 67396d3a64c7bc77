package io.remitflow.remittance.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.remittance.RemittanceReview;
import io.remitflow.remittance.RemittanceReviewSteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskPage;
import io.remitflow.workflow.TaskQuery;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a remittance that reports a posted payment with other content. */
@Component
class ConflictTasks implements TaskPage {

    private final HumanTasks tasks;
    private final ProcessInstances instances;

    ConflictTasks(HumanTasks tasks, ProcessInstances instances) {
        this.tasks = tasks;
        this.instances = instances;
    }

    Optional<HumanTask> find(RemittanceReview review) {
        return instances
                .find(RemittanceReviewSteps.PROCESS, review.processKey())
                .flatMap(instance ->
                        tasks
                                .open(TaskQuery.ofInstance(instance.processInstanceKey())
                                        .at(elementId())
                                        .limit(1))
                                .stream()
                                .findFirst());
    }

    /** A key that a page or client sends is believed only if it belongs to the remittance. */
    HumanTask require(RemittanceReview review, @Nullable Long key) {
        return find(review)
                .filter(task -> key == null || task.key() == key)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.TASK_ALREADY_DECIDED, "no such task is open for this remittance at the moment"));
    }

    @Override
    public String processId() {
        return RemittanceReviewSteps.PROCESS;
    }

    @Override
    public String elementId() {
        return RemittanceReviewSteps.DECIDE_CONFLICT;
    }

    @Override
    public Set<String> variables() {
        return Set.of("remittanceId", "traceNumber", "amountText");
    }

    @Override
    public String href(HumanTask task) {
        return "/app/remittances/%s/preview?task=%d".formatted(task.variables().get("remittanceId"), task.key());
    }

    @Override
    public String title(HumanTask task) {
        return "Same payment, other content: %s of %s"
                .formatted(
                        task.variables().getOrDefault("traceNumber", ""),
                        task.variables().getOrDefault("amountText", ""));
    }
}
