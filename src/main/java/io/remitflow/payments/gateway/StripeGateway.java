package io.remitflow.payments.gateway;

import com.stripe.StripeClient;
import com.stripe.exception.CardException;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.StripeException;
import com.stripe.model.Refund;
import com.stripe.param.RefundCreateParams;
import com.stripe.param.RefundListParams;
import io.remitflow.payments.CardGateway;
import io.remitflow.payments.Gateways;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Refunds at Stripe through its official client.
 *
 * <p>Stripe cannot be asked for an idempotency key, so the key is kept at the object too, in its metadata, and found
 * there. Nothing that moves money is repeated here.
 */
@Component
class StripeGateway implements CardGateway {

    private static final Logger log = LoggerFactory.getLogger(StripeGateway.class);
    private static final long PAGE = 100;

    private final StripeCalls stripe;

    StripeGateway(StripeCalls stripe) {
        this.stripe = stripe;
    }

    @Override
    public String provider() {
        return Gateways.STRIPE;
    }

    @Override
    public GatewayRefund refund(RefundOrder order) {
        var params = RefundCreateParams.builder()
                .setAmount(order.amount().getAmountMinorLong())
                .setReason(RefundCreateParams.Reason.REQUESTED_BY_CUSTOMER)
                .putMetadata(METADATA_KEY, order.idempotencyKey());
        if (isIntent(order.gatewayTransactionId())) {
            params.setPaymentIntent(order.gatewayTransactionId());
        } else {
            params.setCharge(order.gatewayTransactionId());
        }
        StripeClient client = stripe.client();
        try {
            return refund(client.v1().refunds().create(params.build(), StripeCalls.keyed(order.idempotencyKey())));
        } catch (CardException | InvalidRequestException e) {
            log.info("Stripe answered {} to refund {}", e.getStatusCode(), order.idempotencyKey());
            return new GatewayRefund("", GatewayState.DECLINED, order.amount(), StripeCalls.refusal(e));
        } catch (StripeException e) {
            throw StripeCalls.sendingFailed(e);
        }
    }

    @Override
    public Optional<GatewayRefund> find(RefundOrder order) {
        var params = RefundListParams.builder().setLimit(PAGE);
        if (isIntent(order.gatewayTransactionId())) {
            params.setPaymentIntent(order.gatewayTransactionId());
        } else {
            params.setCharge(order.gatewayTransactionId());
        }
        return stripe.ask(
                client -> all(client.v1().refunds().list(params.build()).autoPagingIterable())
                        .filter(refund -> carries(refund.getMetadata(), order.idempotencyKey()))
                        .findFirst()
                        .map(StripeGateway::refund));
    }

    private static boolean isIntent(String transactionId) {
        return transactionId.startsWith("pi_");
    }

    private static boolean carries(@Nullable Map<String, String> metadata, String key) {
        return metadata != null && key.equals(metadata.get(METADATA_KEY));
    }

    private static <T> Stream<T> all(Iterable<T> items) {
        return StreamSupport.stream(items.spliterator(), false);
    }

    private static GatewayRefund refund(Refund refund) {
        GatewayState state = switch (Objects.requireNonNullElse(refund.getStatus(), "")) {
            case "succeeded" -> GatewayState.SUCCEEDED;
            case "failed", "canceled" -> GatewayState.DECLINED;
            case "pending", "requires_action" -> GatewayState.PENDING;
            default -> throw new GatewayOutcomeUnknown("unknown state of a refund", new IllegalStateException());
        };
        @Nullable String code = refund.getFailureReason();
        return new GatewayRefund(
                refund.getId(),
                state,
                StripeCalls.money(refund.getAmount(), refund.getCurrency()),
                state == GatewayState.DECLINED && code == null ? refund.getStatus() : code);
    }
}
