package io.remitflow.payments;

import io.remitflow.ledger.ClearingReference;
import java.time.Instant;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A transaction on the balance at the gateway that a payout carried.
 *
 * @param type in the gateway's word
 * @param sourceId the gateway's number of what caused it
 * @param net what the payout got of it
 * @param reference under which it was posted in card clearing; null for fees and for what is unknown
 * @param problem why it is unknown or, if it was posted, what does not fit
 * @param resolvedEntryId what took it out of suspense when it was known after all
 */
public record PayoutLine(
        UUID id,
        UUID payoutId,
        String transactionId,
        String type,
        PayoutLineKind kind,
        @Nullable String sourceId,
        Money amount,
        Money fee,
        Money net,
        @Nullable ClearingReference reference,
        @Nullable UUID paymentId,
        @Nullable UUID disputeId,
        @Nullable UUID relatedPayoutId,
        @Nullable String problem,
        @Nullable UUID resolvedEntryId,
        Instant occurredAt) {

    /** Whether it lies in bank suspense until it is known what it belongs to. */
    public boolean unknown() {
        return reference == null && kind != PayoutLineKind.FEE;
    }
}
