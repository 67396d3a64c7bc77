package io.remitflow.workflow;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A task that waits for a person. The engine holds it; there is no copy of ours. */
public record HumanTask(
        long key,
        String processId,
        String elementId,
        String name,
        long processInstanceKey,
        @Nullable String assignee,
        List<String> candidateGroups,
        Instant createdAt,
        @Nullable Instant dueAt,
        int priority,
        Map<String, Object> variables) {}
