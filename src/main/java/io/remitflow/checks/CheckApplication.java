package io.remitflow.checks;

import java.util.UUID;
import org.joda.money.Money;

/**
 * What a check paid of an invoice; negative where the bank took it back.
 *
 * @param reason why this invoice
 */
public record CheckApplication(
        UUID id,
        UUID checkId,
        UUID invoiceId,
        String invoiceNumber,
        UUID facilityId,
        UUID paymentId,
        UUID journalEntryId,
        Money amount,
        String reason) {}
