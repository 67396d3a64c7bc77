package io.remitflow.refunds;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which refunds to list, newest first; {@code minimumMinor} leaves out smaller ones. */
public record RefundFilter(
        @Nullable RefundStatus status,
        boolean openOnly,
        @Nullable UUID accountId,
        @Nullable UUID paymentId,
        @Nullable UUID after,
        int limit,
        long minimumMinor,
        @Nullable Instant requestedBefore) {

    public RefundFilter {
        limit = Math.clamp(limit, 1, 200);
    }

    public RefundFilter(
            @Nullable RefundStatus status,
            boolean openOnly,
            @Nullable UUID accountId,
            @Nullable UUID paymentId,
            @Nullable UUID after,
            int limit) {
        this(status, openOnly, accountId, paymentId, after, limit, 0, null);
    }
}
