package io.remitflow.payments.gateway;

import com.stripe.StripeClient;
import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.AuthenticationException;
import com.stripe.exception.IdempotencyException;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.PermissionException;
import com.stripe.exception.RateLimitException;
import com.stripe.exception.StripeException;
import com.stripe.model.StripeError;
import com.stripe.net.RequestOptions;
import io.remitflow.core.Amounts;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.payments.Gateways;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How Stripe is asked and told: with the keys of the current organization, and with what its failures mean. */
@Component
class StripeCalls {

    private final Gateways gateways;
    private final StripeHttp http;

    StripeCalls(Gateways gateways, GatewayHttp http) {
        this.gateways = gateways;
        this.http = new StripeHttp(http);
    }

    interface Question<T> {
        Optional<T> put(StripeClient client) throws StripeException;
    }

    /** Questions are repeated freely; what Stripe does not know is empty. */
    <T> Optional<T> ask(Question<T> question) {
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

    StripeClient client() {
        var connection = gateways.connection(Gateways.STRIPE)
                .orElseThrow(() -> new GatewayUnavailable("gateway stripe is not configured", null));
        return StripeClient.builder()
                .setApiKey(connection.apiKey())
                .setApiBase(connection.baseUrl())
                .setMaxNetworkRetries(0)
                .setHttpClient(http)
                .build();
    }

    static RequestOptions keyed(String key) {
        return RequestOptions.builder().setIdempotencyKey(key).build();
    }

    /** Stripe keeps answers under a key, errors included, so all that is not a clear no leaves the outcome open. */
    static RuntimeException sendingFailed(StripeException e) {
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

    /** Why Stripe said no, in its own word. */
    static String refusal(StripeException e) {
        return e.getCode() == null || e.getCode().isBlank() ? "refused" : e.getCode();
    }

    static Money money(long minor, String currency) {
        return Amounts.ofMinor(minor, currency.toUpperCase(Locale.ROOT));
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
}
