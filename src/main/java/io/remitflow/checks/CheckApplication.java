package io.remitflow.checks;

import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a check paid of an invoice; negative where the bank took it back.
 *
 * @param invoiceId null: it lies on the account
 * @param reason why this invoice
 */
public record CheckApplication(
        UUID id,
        UUID checkId,
        @Nullable UUID invoiceId,
        String invoiceNumber,
        UUID facilityId,
        UUID paymentId,
        UUID journalEntryId,
        Money amount,
        String reason) {}
