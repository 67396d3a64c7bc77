package io.remitflow.checks;

import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the stub of a check says it pays.
 *
 * @param invoiceNumber as printed
 * @param date as printed: mostly the last day of the billed week
 * @param amountMinor zero or less (a deduction) never pays an invoice
 * @param chosenInvoiceId the invoice that a person picked for it
 */
public record RemittanceLine(
        int number,
        @Nullable String invoiceNumber,
        @Nullable LocalDate date,
        long amountMinor,
        @Nullable UUID chosenInvoiceId) {}
