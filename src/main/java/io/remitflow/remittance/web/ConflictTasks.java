package io.remitflow.remittance.web;

import io.remitflow.remittance.RemittanceReview;
import io.remitflow.remittance.RemittanceReviewSteps;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a remittance that reports a posted payment with other content. */
@Component
class ConflictTasks implements TaskPage {

    private final CaseTasks tasks;

    ConflictTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    Optional<HumanTask> find(RemittanceReview review) {
        return tasks.find(RemittanceReviewSteps.PROCESS, review.processKey(), elementId());
    }

    /** A key that a page or client sends is believed only if it belongs to the remittance. */
    HumanTask require(RemittanceReview review, @Nullable Long key) {
        return tasks.require(RemittanceReviewSteps.PROCESS, review.processKey(), elementId(), key, "remittance");
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
