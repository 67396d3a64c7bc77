package io.remitflow.adjustments;

import io.remitflow.receivables.Responsibility;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Something that somebody wants to give up.
 *
 * @param claimId null: of the balance of the whole account
 * @param invoiceId the invoice that a credit memo is meant for first, or that a write-off gives up
 * @param reason in words without names or ids of patients
 */
public record AdjustmentRequest(
        UUID accountId,
        @Nullable UUID claimId,
        Responsibility responsibility,
        AdjustmentType type,
        Money amount,
        String reason,
        @Nullable UUID invoiceId) {

    public AdjustmentRequest(
            UUID accountId,
            @Nullable UUID claimId,
            Responsibility responsibility,
            AdjustmentType type,
            Money amount,
            String reason) {
        this(accountId, claimId, responsibility, type, amount, reason, null);
    }
}
