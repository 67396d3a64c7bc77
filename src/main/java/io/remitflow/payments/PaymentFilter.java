package io.remitflow.payments;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which payments to list, newest first. */
public record PaymentFilter(
        @Nullable UUID accountId,
        @Nullable UUID claimId,
        @Nullable PaymentStatus status,
        @Nullable UUID after,
        int limit) {

    public PaymentFilter {
        limit = Math.clamp(limit, 1, 200);
    }
}
