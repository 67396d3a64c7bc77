package io.remitflow.payments;

import java.time.Instant;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A payment that the cardholder's bank questions or has taken back.
 *
 * @param withdrawn what the gateway took because of it
 * @param reinstated what it gave back
 * @param fee what it cost
 * @param lost what the patient owes again
 * @param problem why its money was not booked, in words
 */
public record Dispute(
        UUID id,
        String number,
        UUID paymentId,
        UUID accountId,
        String gatewayProvider,
        String gatewayDisputeId,
        Money amount,
        String reason,
        DisputeStatus status,
        @Nullable Instant evidenceDueAt,
        Money withdrawn,
        Money reinstated,
        Money fee,
        Money lost,
        @Nullable String problem,
        int version,
        Instant openedAt,
        Instant changedAt,
        @Nullable Instant closedAt) {

    /** What waits for the decision, or for the money to come back. */
    public Money held() {
        return withdrawn.minus(reinstated).minus(lost);
    }

    /** What cannot be refunded because of it: what is claimed, or what is gone. */
    public Money claimed() {
        Money gone = withdrawn.minus(reinstated);
        return status.claimsMoney() && amount.isGreaterThan(gone) && reinstated.isZero() ? amount : gone;
    }
}
