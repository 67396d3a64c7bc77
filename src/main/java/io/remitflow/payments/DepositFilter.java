package io.remitflow.payments;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which deposits to list, newest first. */
public record DepositFilter(
        @Nullable DepositStatus status, @Nullable UUID after, int limit) {

    public DepositFilter {
        limit = Math.clamp(limit, 1, 200);
    }
}
