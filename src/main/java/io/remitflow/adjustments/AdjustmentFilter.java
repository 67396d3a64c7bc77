package io.remitflow.adjustments;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which adjustments to list, newest first; {@code minimumMinor} leaves out smaller ones. */
public record AdjustmentFilter(
        @Nullable AdjustmentStatus status,
        boolean openOnly,
        @Nullable UUID accountId,
        long minimumMinor,
        @Nullable UUID after,
        int limit,
        @Nullable Instant requestedBefore) {

    public AdjustmentFilter {
        limit = Math.clamp(limit, 1, 200);
    }

    public AdjustmentFilter(
            @Nullable AdjustmentStatus status,
            boolean openOnly,
            @Nullable UUID accountId,
            long minimumMinor,
            @Nullable UUID after,
            int limit) {
        this(status, openOnly, accountId, minimumMinor, after, limit, null);
    }
}
