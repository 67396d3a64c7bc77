package io.remitflow.reconciliation;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** Both sides of one entry, line by line. */
public record ReceivablesEntry(
        UUID id, @Nullable String entryNumber, List<LedgerLine> ledger, List<SubledgerRow> subledger) {

    public ReceivablesEntry {
        ledger = List.copyOf(ledger);
        subledger = List.copyOf(subledger);
    }

    /** A line on a control account; a credit is negative. */
    public record LedgerLine(
            int number,
            String accountCode,
            LocalDate entryDate,
            LocalDate effectiveDate,
            String fiscalPeriod,
            Instant postedAt,
            String description,
            Money amount) {}

    /** A row of a patient account. */
    public record SubledgerRow(
            String transactionNumber,
            UUID accountId,
            String accountNumber,
            String accountCode,
            LocalDate transactionDate,
            Instant postedAt,
            String type,
            String description,
            Money amount) {}
}
