package io.remitflow.workflow;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a rule decided, with the version of the rule and all it knew.
 *
 * @param version the number of the release, see {@link ReleasedDecision}
 */
public record RecordedDecision(
        UUID id,
        String subjectType,
        UUID subjectId,
        String decisionId,
        int version,
        long decisionKey,
        Map<String, Object> inputs,
        Map<String, Object> outputs,
        @Nullable String reason,
        Instant decidedAt) {}
