package io.remitflow.claims;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What happened to a claim on its way: prepared, batched, sent, accepted, rejected, or a message about it. */
public record SubmissionEvent(
        String kind,
        @Nullable Long responseId,
        @Nullable String batchNumber,
        @Nullable String fields,
        @Nullable String message,
        @Nullable String sender,
        Instant recordedAt) {}
