package io.remitflow.ledger;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A posted entry. It never changes; a correction is another entry that reverses it.
 *
 * @param date the day it counts for in the books, always in a period that was open
 * @param effectiveDate the day it belongs to; earlier than {@code date} if that day's period was already closed
 * @param postedBy nobody if the application posted it
 */
public record JournalEntry(
        UUID id,
        String number,
        LocalDate date,
        LocalDate effectiveDate,
        EntryType type,
        String fiscalPeriod,
        String sourceModule,
        String sourceKey,
        @Nullable String documentType,
        @Nullable UUID documentId,
        @Nullable String referenceNumber,
        String description,
        Money total,
        @Nullable UUID reversesEntryId,
        @Nullable UUID reversedByEntryId,
        @Nullable String reversalReason,
        @Nullable UserId postedBy,
        Instant postedAt,
        List<Line> lines) {

    /** One line; either debit or credit is zero. */
    public record Line(
            int number,
            UUID accountId,
            String accountCode,
            String accountName,
            Money debit,
            Money credit,
            @Nullable ClearingReference clearing,
            @Nullable String text,
            @Nullable String referenceType,
            @Nullable UUID referenceId,
            @Nullable UUID costCenterId) {}

    public boolean isReversal() {
        return reversesEntryId != null;
    }

    public boolean isReversed() {
        return reversedByEntryId != null;
    }
}
