package io.remitflow.adjustments.web;

import io.remitflow.adjustments.Adjustments;
import io.remitflow.adjustments.WriteOffSteps;
import io.remitflow.identity.Permission;
import io.remitflow.workflow.Approvable;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open approval task of a write-off, and its page; a key that is sent counts only if it is of this write-off. */
@Component
class WriteOffTasks implements TaskPage {

    private final CaseTasks tasks;

    WriteOffTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    Optional<HumanTask> find(UUID writeOff) {
        return tasks.find(WriteOffSteps.PROCESS, writeOff.toString(), WriteOffSteps.APPROVE);
    }

    HumanTask require(UUID writeOff, @Nullable Long key) {
        return tasks.require(WriteOffSteps.PROCESS, writeOff.toString(), WriteOffSteps.APPROVE, key, "write-off");
    }

    @Override
    public String processId() {
        return WriteOffSteps.PROCESS;
    }

    @Override
    public String elementId() {
        return WriteOffSteps.APPROVE;
    }

    @Override
    public Optional<Approvable> approvable() {
        return Optional.of(new Approvable(
                Adjustments.SUBJECT, "adjustmentId", "/app/write-offs/", Permission.WRITE_OFFS_APPROVE, true));
    }

    @Override
    public Set<String> variables() {
        return Set.of("adjustmentId", "adjustmentNumber", "adjustmentType", "amountText");
    }

    @Override
    public String href(HumanTask task) {
        return "/app/write-offs/" + task.variables().get("adjustmentId") + "?task=" + task.key();
    }

    @Override
    public String title(HumanTask task) {
        return "Approve %s (%s) of %s"
                .formatted(
                        task.variables().getOrDefault("adjustmentNumber", "write-off"),
                        task.variables().getOrDefault("adjustmentType", ""),
                        task.variables().getOrDefault("amountText", ""));
    }
}
