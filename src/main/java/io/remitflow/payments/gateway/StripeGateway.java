package io.remitflow.payments.gateway;

import com.stripe.StripeClient;
import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.AuthenticationException;
import com.stripe.exception.CardException;
import com.stripe.exception.IdempotencyException;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.PermissionException;
import com.stripe.exception.RateLimitException;
import com.stripe.exception.StripeException;
import com.stripe.model.Refund;
import com.stripe.model.StripeError;
import com.stripe.net.RequestOptions;
import com.stripe.param.RefundCreateParams;
import com.stripe.param.RefundListParams;
import io.remitflow.core.Amounts;
import io.remitflow.payments.CardGateway;
import io.remitflow.payments.Gateways;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Stripe through its official client.
 *
 * <p>Stripe cannot be asked for an idempotency key, so the key is kept at the object too, in its metadata, and found
 * there. Nothing that moves money is repeated here.
 */
@Component
class StripeGateway implements CardGateway {

    private static final Logger log = LoggerFactory.getLogger(StripeGateway.class);
    private static final long PAGE = 100;

    private final Gateways gateways;
    private final StripeHttp http;

    StripeGateway(Gateways gateways, GatewayHttp http) {
        this.gateways = gateways;
        this.http = new StripeHttp(http);
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
        StripeClient client = client();
        try {
            return refund(client.v1().refunds().create(params.build(), keyed(order.idempotencyKey())));
        } catch (CardException | InvalidRequestException e) {
            log.info("Stripe answered {} to refund {}", e.getStatusCode(), order.idempotencyKey());
            String code = e.getCode() == null || e.getCode().isBlank() ? "refused" : e.getCode();
            return new GatewayRefund("", GatewayState.DECLINED, order.amount(), code);
        } catch (StripeException e) {
            throw sendingFailed(e);
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
        return ask(client -> all(client.v1().refunds().list(params.build()).autoPagingIterable())
                .filter(refund -> carries(refund.getMetadata(), order.idempotencyKey()))
                .findFirst()
                .map(StripeGateway::refund));
    }

    private interface Question<T> {
        Optional<T> put(StripeClient client) throws StripeException;
    }

    private <T> Optional<T> ask(Question<T> question) {
        StripeClient client = client();
        return Questions.ask(() -> {
            try {
                return question.put(client);
            } catch (InvalidRequestException e) {
                if (Objects.equals(e.getStatusCode(), 404)) {
                    return Optional.empty();
                }
                throw new GatewayUnavailable("Stripe does not understand the question", e);
            } catch (StripeException e) {
                throw new GatewayUnavailable("Stripe cannot be asked: " + e.getStatusCode(), e, retryAfter(e));
            } catch (RuntimeException e) {
                // The client wraps failures of later pages, and trips over answers that are no objects of Stripe.
                throw new GatewayUnavailable("Stripe's answer was not understood", e);
            }
        });
    }

    /** Stripe keeps answers under a key, errors included, so all that is not a clear no leaves the outcome open. */
    private static RuntimeException sendingFailed(StripeException e) {
        if (e instanceof ApiConnectionException && e.getCause() instanceof GatewayHttp.NotSent) {
            return new GatewayUnavailable("Stripe cannot be reached", e);
        }
        if (e instanceof RateLimitException
                || e instanceof AuthenticationException
                || e instanceof PermissionException) {
            return new GatewayUnavailable("Stripe does not take our calls: " + e.getStatusCode(), e, retryAfter(e));
        }
        if (e instanceof IdempotencyException) {
            return new GatewayOutcomeUnknown("Stripe knows the key with other content", e);
        }
        return new GatewayOutcomeUnknown("Stripe's answer leaves open what happened: " + e.getStatusCode(), e);
    }

    private static @Nullable Duration retryAfter(StripeException e) {
        StripeError error = e.getStripeError();
        if (error == null || error.getLastResponse() == null) {
            return null;
        }
        return error.getLastResponse()
                .headers()
                .firstValue("Retry-After")
                .filter(seconds -> seconds.matches("\\d{1,5}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(null);
    }

    private StripeClient client() {
        var connection = gateways.connection(Gateways.STRIPE)
                .orElseThrow(() -> new GatewayUnavailable("gateway stripe is not configured", null));
        return StripeClient.builder()
                .setApiKey(connection.apiKey())
                .setApiBase(connection.baseUrl())
                .setMaxNetworkRetries(0)
                .setHttpClient(http)
                .build();
    }

    private static RequestOptions keyed(String key) {
        return RequestOptions.builder().setIdempotencyKey(key).build();
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
                money(refund.getAmount(), refund.getCurrency()),
                state == GatewayState.DECLINED && code == null ? refund.getStatus() : code);
    }

    private static Money money(long minor, String currency) {
        return Amounts.ofMinor(minor, currency.toUpperCase(Locale.ROOT));
    }
}
