package io.remitflow.billing;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** What an approved adjustment credits, together with the entry that booked it. */
public record NewCreditMemo(
        UUID adjustmentId,
        UUID accountId,
        @Nullable UUID invoiceId,
        LocalDate date,
        Money amount,
        String reason,
        UUID journalEntryId) {}
