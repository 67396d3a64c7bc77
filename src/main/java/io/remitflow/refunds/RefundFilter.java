package io.remitflow.refunds;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which refunds to list, newest first. */
public record RefundFilter(
        @Nullable RefundStatus status,
        boolean openOnly,
        @Nullable UUID accountId,
        @Nullable UUID paymentId,
        @Nullable UUID after,
        int limit) {

    public RefundFilter {
        limit = Math.clamp(limit, 1, 200);
    }
}
