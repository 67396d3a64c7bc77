package io.remitflow.payments;

import java.time.Instant;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A payment that a patient makes at a gateway, from the wish to pay to the posted payment.
 *
 * @param idempotencyKey ours, which stands at the gateway's object too
 * @param gatewayTransactionId the gateway's number, as soon as it is known
 * @param declineCode why the last attempt to pay failed
 * @param refusalReason why money that the gateway took was not posted
 */
public record Checkout(
        UUID id,
        String number,
        UUID accountId,
        @Nullable UUID claimId,
        Money amount,
        String gatewayProvider,
        String idempotencyKey,
        @Nullable String gatewayTransactionId,
        CheckoutStatus status,
        @Nullable String declineCode,
        @Nullable String refusalReason,
        @Nullable UUID paymentId,
        Instant startedAt,
        Instant changedAt) {}
