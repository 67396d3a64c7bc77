package io.remitflow.discrepancies.process;

import io.remitflow.core.RuleViolation;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.DiscrepancySteps;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.NotYet;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Gives the engine's task to whom our books gave the case, so that every list of tasks shows the same owner. */
@Component
class TaskHandover {

    private final Discrepancies discrepancies;
    private final Users users;
    private final CaseTasks caseTasks;
    private final HumanTasks tasks;

    TaskHandover(Discrepancies discrepancies, Users users, CaseTasks caseTasks, HumanTasks tasks) {
        this.discrepancies = discrepancies;
        this.users = users;
        this.caseTasks = caseTasks;
        this.tasks = tasks;
    }

    /** The books as they are now decide, so that repeated and overtaking messages end the same way. */
    void toOwner(UUID id, String caseKey) {
        var discrepancy = discrepancies.get(id);
        if (discrepancy.isResolved() || !discrepancy.caseKey().equals(caseKey)) {
            return;
        }
        var task = caseTasks
                .find(DiscrepancySteps.PROCESS, caseKey, DiscrepancySteps.WORK)
                .orElseThrow(() -> new NotYet("the task is not visible yet"));
        UserId owner = discrepancy.assignee();
        String wanted = owner == null ? null : users.signInName(owner);
        if (!Objects.equals(wanted, task.assignee())) {
            give(task, wanted);
        }
    }

    private void give(HumanTask task, @Nullable String wanted) {
        try {
            if (task.assignee() != null) {
                tasks.unclaim(task.key());
            }
            if (wanted != null) {
                tasks.claim(task.key(), wanted);
            }
        } catch (RuleViolation taken) {
            throw new NotYet("somebody takes or completes the task at this moment");
        }
    }
}
