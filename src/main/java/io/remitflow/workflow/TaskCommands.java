package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.CamundaFuture;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.time.Duration;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Assigning and completing tasks, the same in every version of the engine. */
@Component
class TaskCommands {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final CamundaClient engine;

    TaskCommands(CamundaClient engine) {
        this.engine = engine;
    }

    static boolean isOfCurrentOrganization(Map<String, Object> variables) {
        return CurrentOrganization.id().toString().equals(variables.get("orgId"));
    }

    void claim(HumanTask task, String signInName) {
        if (signInName.equals(task.assignee())) {
            return;
        }
        if (task.assignee() != null) {
            throw alreadyClaimed();
        }
        call(engine.newAssignUserTaskCommand(task.key())
                .assignee(signInName)
                .allowOverride(false)
                .action("claim")
                .requestTimeout(TIMEOUT)
                .send());
    }

    void unclaim(long key) {
        call(engine.newUnassignUserTaskCommand(key).requestTimeout(TIMEOUT).send());
    }

    void complete(long key, String signInName, Map<String, ?> variables) {
        call(engine.newAssignUserTaskCommand(key)
                .assignee(signInName)
                .allowOverride(true)
                .requestTimeout(TIMEOUT)
                .send());
        call(engine.newCompleteUserTaskCommand(key)
                .variables((Object) variables)
                .requestTimeout(TIMEOUT)
                .send());
    }

    private static void call(CamundaFuture<?> command) {
        try {
            EngineCalls.join(command);
        } catch (EngineUnavailable e) {
            throw e;
        } catch (RuntimeException e) {
            throw switch (EngineCalls.of(e)) {
                case GONE -> new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "This task is already done");
                case CONFLICT -> alreadyClaimed();
                default -> e;
            };
        }
    }

    private static RuleViolation alreadyClaimed() {
        return new RuleViolation(Refusal.CHANGED_MEANWHILE, "Somebody else has taken this task meanwhile");
    }
}
