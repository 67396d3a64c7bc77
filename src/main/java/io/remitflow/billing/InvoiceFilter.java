package io.remitflow.billing;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which invoices, newest first.
 *
 * @param status {@link InvoiceStatus#OVERDUE}: open and past due; null: any
 * @param openOnly sent, and something is still due
 * @param after id of the last one of the page before
 */
public record InvoiceFilter(
        @Nullable InvoiceStatus status,
        boolean openOnly,
        @Nullable UUID accountId,
        @Nullable UUID after,
        int limit) {

    public static final int MAX_LIMIT = 200;

    public InvoiceFilter {
        limit = Math.clamp(limit, 1, MAX_LIMIT);
    }

    public static InvoiceFilter ofAccount(UUID accountId) {
        return new InvoiceFilter(null, false, accountId, null, MAX_LIMIT);
    }
}
