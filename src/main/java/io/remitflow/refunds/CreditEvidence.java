package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Something that was found out about a credit; never changed afterwards.
 *
 * @param dated the day it is about
 * @param recordedBy null: the books noted it themselves
 */
public record CreditEvidence(
        UUID id,
        String note,
        @Nullable Money amount,
        @Nullable LocalDate dated,
        @Nullable UUID remittanceId,
        @Nullable UUID paymentId,
        @Nullable UUID journalEntryId,
        @Nullable UserId recordedBy,
        Instant recordedAt) {}
