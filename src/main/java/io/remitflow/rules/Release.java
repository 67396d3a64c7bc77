package io.remitflow.rules;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A version of a decision table that held, holds or will hold.
 *
 * @param copiedFrom of a rollback: the number of the release that it brings back
 * @param requestedBy null for a table that came with the application
 */
public record Release(
        String decisionId,
        int number,
        Source source,
        @Nullable Integer copiedFrom,
        String xml,
        String engineId,
        String why,
        @Nullable UUID requestedBy,
        Instant effectiveFrom,
        Instant releasedAt) {

    /** Where a release came from. */
    public enum Source {
        PACKAGED,
        DRAFT,
        ROLLBACK;

        String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        static Source ofKey(String key) {
            return valueOf(key.toUpperCase(java.util.Locale.ROOT));
        }
    }

    public DecisionTable table() {
        return DecisionTable.read(xml);
    }
}
