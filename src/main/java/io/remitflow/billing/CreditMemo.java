package io.remitflow.billing;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Money credited to an account; amount = applied + remaining, unless it is void.
 *
 * @param adjustmentId the approved adjustment that it is
 * @param invoiceId the invoice that it was meant for
 */
public record CreditMemo(
        UUID id,
        String number,
        UUID accountId,
        UUID adjustmentId,
        @Nullable UUID invoiceId,
        LocalDate date,
        Money amount,
        Money applied,
        Money remaining,
        String reason,
        Status status,
        UUID journalEntryId,
        Instant issuedAt) {

    /** A draft is an adjustment that waits for its approval: it is no memo yet. */
    public enum Status {
        DRAFT,
        ISSUED,
        APPLIED,
        VOID;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param amount negative: it was taken back */
    public record Application(
            UUID memoId, String memoNumber, UUID invoiceId, String invoiceNumber, Money amount, Instant at) {}
}
