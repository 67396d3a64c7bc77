package io.remitflow.checks;

import java.time.Instant;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What of a confirmed check no invoice took.
 *
 * @param facilityId for whom it is; null: the payer pays for several
 * @param remaining what nobody assigned yet
 */
public record CheckRemainder(
        UUID id,
        UUID checkId,
        String number,
        @Nullable String checkNumber,
        @Nullable String payerName,
        @Nullable UUID facilityId,
        Money amount,
        Money remaining,
        Instant createdAt) {}
