package io.remitflow.receivables;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * One thing to record on a patient account.
 *
 * @param amount positive increases what is owed, negative decreases it
 * @param sourceKey the business event, unique per organization: recording it again changes nothing
 * @param agingDate where the age of a debit starts; null: the first such date of the same claim and responsibility, or
 *     else {@code date}
 */
public record AccountPosting(
        UUID accountId,
        LocalDate date,
        TransactionType type,
        Responsibility responsibility,
        Money amount,
        @Nullable UUID claimId,
        @Nullable UUID paymentId,
        @Nullable UUID payerId,
        @Nullable UUID journalEntryId,
        String description,
        String sourceKey,
        @Nullable LocalDate agingDate) {

    public AccountPosting(
            UUID accountId,
            LocalDate date,
            TransactionType type,
            Responsibility responsibility,
            Money amount,
            @Nullable UUID claimId,
            @Nullable UUID paymentId,
            @Nullable UUID payerId,
            @Nullable UUID journalEntryId,
            String description,
            String sourceKey) {
        this(
                accountId,
                date,
                type,
                responsibility,
                amount,
                claimId,
                paymentId,
                payerId,
                journalEntryId,
                description,
                sourceKey,
                null);
    }
}
