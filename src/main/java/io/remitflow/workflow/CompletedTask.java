package io.remitflow.workflow;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A task that was completed, with the variables as they stood then; the assignee is who held it, proof is our own record. */
public record CompletedTask(long key, @Nullable String assignee, Instant completedAt, Map<String, Object> variables) {

    CompletedTask with(HumanTasks.Answer... answers) {
        var answered = new LinkedHashMap<String, Object>(variables);
        for (HumanTasks.Answer answer : answers) {
            if (answer.value() == null) {
                answered.remove(answer.variable());
            } else {
                answered.put(answer.variable(), answer.value());
            }
        }
        return new CompletedTask(key, assignee, completedAt, Collections.unmodifiableMap(answered));
    }
}
