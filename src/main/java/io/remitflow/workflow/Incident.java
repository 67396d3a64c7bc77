package io.remitflow.workflow;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A step that failed technically until its retries were used up; the details are in our log under the correlation id. */
public record Incident(
        UUID id,
        String processId,
        String elementId,
        long processInstanceKey,
        String jobType,
        String code,
        String correlationId,
        Instant occurredAt,
        @Nullable Instant resolvedAt) {}
