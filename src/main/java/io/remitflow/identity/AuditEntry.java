package io.remitflow.identity;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line of the audit log.
 *
 * @param facts JSON
 * @param seq its place in the chain; null until it is sealed
 */
public record AuditEntry(
        UUID id,
        Instant recordedAt,
        String actor,
        String action,
        String subjectType,
        String subjectId,
        String facts,
        @Nullable Long seq) {}
