package io.remitflow.workflow;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A task that was completed, with the variables as they stood then; the assignee is who held it, proof is our own record. */
public record CompletedTask(long key, @Nullable String assignee, Instant completedAt, Map<String, Object> variables) {}
