package io.remitflow.receivables;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A recorded transaction of a patient account; never changed afterwards. */
public record AccountTransaction(
        UUID id,
        UUID accountId,
        String number,
        LocalDate date,
        LocalDate agingDate,
        TransactionType type,
        Responsibility responsibility,
        Money amount,
        Money balanceAfter,
        @Nullable UUID claimId,
        @Nullable UUID paymentId,
        @Nullable UUID payerId,
        @Nullable UUID journalEntryId,
        String description,
        String sourceKey,
        Instant postedAt) {}
