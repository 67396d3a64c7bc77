package io.remitflow.billing;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An invoice as somebody drafts it.
 *
 * @param dueDate null: the organization's payment terms from the invoice date
 * @param notes shown on the invoice
 */
public record NewInvoice(
        UUID accountId,
        InvoiceType type,
        InvoiceSetting setting,
        @Nullable String encounterId,
        LocalDate invoiceDate,
        @Nullable LocalDate dueDate,
        @Nullable String notes,
        List<Line> lines) {

    public NewInvoice {
        lines = List.copyOf(lines);
    }

    /**
     * @param claimId if it bills the patient's share of a claim, which was charged before; null: a service that the invoice
     *     charges
     */
    public record Line(
            LocalDate serviceDate,
            String description,
            @Nullable String cptCode,
            int quantity,
            Money unitPrice,
            @Nullable UUID claimId) {

        public Money total() {
            return unitPrice.multipliedBy(quantity);
        }
    }
}
