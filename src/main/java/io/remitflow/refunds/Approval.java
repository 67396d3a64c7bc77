package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.Instant;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A decision that counted. */
public record Approval(
        int version,
        int level,
        String levelRole,
        boolean approved,
        Money amount,
        UserId decidedBy,
        String decidedAs,
        long taskKey,
        String source,
        @Nullable String comment,
        Instant decidedAt) {}
