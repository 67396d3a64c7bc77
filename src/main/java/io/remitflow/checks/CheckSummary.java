package io.remitflow.checks;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A check as lists show it. */
public record CheckSummary(
        UUID id,
        String number,
        UUID packetId,
        CheckStatus status,
        @Nullable String checkNumber,
        @Nullable LocalDate date,
        @Nullable String payerName,
        @Nullable Money amount,
        Money applied,
        @Nullable Integer confidence,
        boolean sentBack,
        boolean suspectedDuplicate,
        Instant createdAt) {}
