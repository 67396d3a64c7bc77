package io.remitflow.claims.web;

import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialSteps;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a denial: a key that a page or client sends is believed only if it belongs to the denial. */
@Component
class DenialTasks {

    private final CaseTasks tasks;

    DenialTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    Optional<HumanTask> find(Denial denial, String element) {
        return tasks.find(DenialSteps.PROCESS, denial.processKey(), element);
    }

    HumanTask require(Denial denial, String element, @Nullable Long key) {
        return tasks.require(DenialSteps.PROCESS, denial.processKey(), element, key, "denial");
    }
}
