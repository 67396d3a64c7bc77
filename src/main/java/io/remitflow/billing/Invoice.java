package io.remitflow.billing;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An invoice as it stands; total = paid + credited + due, unless it is void.
 *
 * @param status as stored; {@link #statusOn} says whether it is overdue
 * @param credited what credit memos and write-offs took off it
 * @param viewedAt when its recipient was first known to have seen it
 * @param journalEntryId the charge of its services; null if it bills shares of claims only
 * @param version counts changes of the draft
 */
public record Invoice(
        UUID id,
        String number,
        InvoiceType type,
        UUID accountId,
        @Nullable String encounterId,
        InvoiceSetting setting,
        LocalDate invoiceDate,
        LocalDate dueDate,
        LocalDate serviceFrom,
        LocalDate serviceTo,
        Money total,
        Money paid,
        Money credited,
        Money due,
        InvoiceStatus status,
        @Nullable Instant sentAt,
        @Nullable String sentMethod,
        @Nullable Instant viewedAt,
        @Nullable Instant paidAt,
        @Nullable String voidReason,
        String paymentTerms,
        @Nullable String notes,
        @Nullable UUID journalEntryId,
        int version) {

    /** And was not taken back since. */
    public boolean wasSent() {
        return status != InvoiceStatus.DRAFT && status != InvoiceStatus.VOID;
    }

    public InvoiceStatus statusOn(LocalDate day) {
        return status.isOpen() && dueDate.isBefore(day) ? InvoiceStatus.OVERDUE : status;
    }

    /** One line of it; a line with a claim bills the patient's share of that claim. */
    public record Line(
            int number,
            LocalDate serviceDate,
            String description,
            @Nullable String cptCode,
            int quantity,
            Money unitPrice,
            Money total,
            @Nullable UUID claimId) {}
}
