package io.remitflow.workflow;

import io.remitflow.core.RuleViolation;
import java.util.Map;

/** Finding tasks differs between versions of the engine, acting on a task that was found does not. */
abstract class EngineTasks implements HumanTasks {

    private final TaskCommands commands;

    EngineTasks(TaskCommands commands) {
        this.commands = commands;
    }

    @Override
    public void claim(long key, String signInName) {
        commands.claim(required(key), signInName);
    }

    @Override
    public void unclaim(long key) {
        commands.unclaim(required(key).key());
    }

    @Override
    public void complete(long key, String signInName, Map<String, ?> variables) {
        commands.complete(required(key).key(), signInName, variables);
    }

    private HumanTask required(long key) {
        return find(key).orElseThrow(() -> RuleViolation.notFound("task"));
    }
}
