package io.remitflow.remittance.web;

import io.remitflow.remittance.CardOptOutSteps;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a payer that pays by virtual card. */
@Component
class CardOptOutTasks implements TaskPage {

    private final CaseTasks tasks;

    CardOptOutTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    Optional<HumanTask> find(UUID optOut) {
        return tasks.find(CardOptOutSteps.PROCESS, optOut.toString(), elementId());
    }

    /** A key that a page or client sends is believed only if it belongs to the case. */
    HumanTask require(UUID optOut, @Nullable Long key) {
        return tasks.require(CardOptOutSteps.PROCESS, optOut.toString(), elementId(), key, "payer");
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
