package io.remitflow.payments;

import java.time.Duration;
import java.util.Optional;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A gateway that can return money to the card it came from.
 *
 * <p>Every refund carries an idempotency key of ours: whatever is repeated, the gateway books one refund per key.
 */
public interface CardGateway {

    /** Where our idempotency key stands at objects of gateways that cannot be asked for it. */
    String METADATA_KEY = "remitflow_key";

    /** As in {@code billing_payment_gateways}, such as {@code stripe}. */
    String provider();

    /**
     * @throws GatewayOutcomeUnknown if the gateway may have booked the refund without our knowing; ask {@link #find}
     *     before anything else
     * @throws GatewayUnavailable if certainly nothing was booked; may be repeated with the same key
     */
    GatewayRefund refund(RefundOrder order);

    /**
     * What the gateway booked under the key of the order; empty if it never saw the key.
     *
     * @throws GatewayUnavailable if it cannot be asked
     */
    Optional<GatewayRefund> find(RefundOrder order);

    record RefundOrder(String provider, String idempotencyKey, String gatewayTransactionId, Money amount) {}

    record GatewayRefund(
            String id,
            GatewayState state,
            Money amount,
            @Nullable String declineCode) {}

    enum GatewayState {
        PENDING,
        SUCCEEDED,
        DECLINED
    }

    /** The call may or may not have had its effect. */
    class GatewayOutcomeUnknown extends RuntimeException {
        public GatewayOutcomeUnknown(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The gateway did not take the call; nothing was booked. */
    class GatewayUnavailable extends RuntimeException {

        private final transient @Nullable Duration retryAfter;

        public GatewayUnavailable(String message, @Nullable Throwable cause) {
            this(message, cause, null);
        }

        /** @param retryAfter as the gateway asked, or null */
        public GatewayUnavailable(String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
            super(message, cause);
            this.retryAfter = retryAfter;
        }

        public @Nullable Duration retryAfter() {
            return retryAfter;
        }
    }
}
