package io.remitflow.discrepancies;

import io.remitflow.identity.UserId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is null does not restrict.
 *
 * @param unresolved whether resolved ones are left out; a wanted status comes first
 * @param foundBy the run that found it first or last
 * @param after id of the last one already seen
 */
public record DiscrepancyFilter(
        @Nullable DiscrepancyStatus status,
        boolean unresolved,
        @Nullable DiscrepancyType type,
        @Nullable UserId assignee,
        boolean overdue,
        @Nullable UUID foundBy,
        @Nullable UUID after,
        int limit) {

    private static final int MAX = 201;

    public DiscrepancyFilter {
        limit = Math.clamp(limit, 1, MAX);
    }

    public static DiscrepancyFilter open() {
        return new DiscrepancyFilter(null, true, null, null, false, null, null, MAX);
    }

    public static DiscrepancyFilter all() {
        return new DiscrepancyFilter(null, false, null, null, false, null, null, MAX);
    }

    public boolean isRestricted() {
        return status != null || type != null || assignee != null || overdue || foundBy != null;
    }
}
