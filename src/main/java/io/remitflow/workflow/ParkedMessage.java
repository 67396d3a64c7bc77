package io.remitflow.workflow;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of the outbox that will not be sent again unless a person says so. */
public record ParkedMessage(
        UUID id,
        String what,
        String key,
        int attempts,
        @Nullable String lastError,
        Instant createdAt) {}
