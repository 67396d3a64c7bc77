package io.remitflow.payments;

import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A gateway at which patients pay themselves. No card number ever comes to us: the patient's browser gives it to the
 * gateway.
 */
public interface CheckoutGateway {

    /** Where the account that is paid stands at the gateway's object. */
    String METADATA_ACCOUNT = "remitflow_account";

    /** As in {@code billing_payment_gateways}, such as {@code stripe}. */
    String provider();

    /**
     * Opens a payment for the patient to make; repeating it with the same key finds the first one.
     *
     * @throws GatewayOutcomeUnknown if the gateway may have opened it without our knowing
     * @throws GatewayUnavailable if certainly nothing was opened
     */
    GatewayPayment open(PaymentOrder order);

    /**
     * The payment under the gateway's number.
     *
     * @throws GatewayUnavailable if it cannot be asked
     */
    Optional<GatewayPayment> payment(String transactionId);

    /**
     * The payment that carries our key. A gateway may need a minute before it finds one that it just opened.
     *
     * @throws GatewayUnavailable if it cannot be asked
     */
    Optional<GatewayPayment> paymentOfKey(String idempotencyKey);

    /**
     * Closes a payment that the patient has not made; one that cannot be closed any more is answered as it stands.
     *
     * @throws GatewayOutcomeUnknown if it may or may not be closed
     * @throws GatewayUnavailable if it certainly was not closed
     */
    GatewayPayment cancel(String transactionId, String idempotencyKey);

    /** @throws GatewayUnavailable if it cannot be asked */
    Optional<GatewayDispute> dispute(String disputeId);

    record PaymentOrder(String provider, String idempotencyKey, UUID accountId, Money amount, String description) {}

    /**
     * A payment as the gateway knows it now.
     *
     * @param received what the patient gave; zero until then
     * @param key the key of ours that stands at it
     * @param account the account of ours that stands at it
     * @param cardFingerprint the gateway's own name for the card
     * @param declineCode why the last attempt to pay failed
     * @param clientSecret with which the patient's browser pays; never stored and never logged
     */
    record GatewayPayment(
            String id,
            PaymentState state,
            Money received,
            @Nullable String key,
            @Nullable String account,
            PaymentMethod method,
            @Nullable String cardLast4,
            @Nullable String cardFingerprint,
            @Nullable String declineCode,
            @Nullable String clientSecret) {

        @Override
        public String toString() {
            return "GatewayPayment[%s, %s, %s]".formatted(id, state, received);
        }
    }

    /** Open: the patient may still pay. Processing: the patient did, and a bank still has to answer. */
    enum PaymentState {
        OPEN,
        PROCESSING,
        SUCCEEDED,
        CANCELLED,
        DECLINED
    }

    /**
     * A dispute as the gateway knows it now.
     *
     * @param transactions the gateway's numbers of the payment that is disputed
     */
    record GatewayDispute(
            String id,
            Set<String> transactions,
            Money amount,
            String reason,
            DisputeStatus status,
            Instant openedAt,
            @Nullable Instant evidenceDueAt,
            List<Movement> movements) {}

    /**
     * Money that moved on the balance at the gateway because of a dispute.
     *
     * @param amount below zero: taken from us
     * @param fee taken besides, or below zero: given back
     */
    record Movement(String id, Money amount, Money fee) {}
}
