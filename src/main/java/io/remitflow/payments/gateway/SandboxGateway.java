package io.remitflow.payments.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.remitflow.core.Amounts;
import io.remitflow.payments.CardGateway;
import io.remitflow.payments.GatewaySettings;
import io.remitflow.payments.Gateways;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;

/**
 * Speaks with the sandbox gateway: {@code POST /v1/refunds} and {@code GET /v1/refunds?idempotency_key=}.
 *
 * <p>Only what certainly was not sent is sent again here; everything else that goes wrong in a refund is an unknown
 * outcome, which the caller settles by asking for the key. Questions are repeated freely.
 */
@Component
class SandboxGateway implements CardGateway {

    private static final Logger log = LoggerFactory.getLogger(SandboxGateway.class);
    private static final int TRIES = 3;
    private static final long PAUSE_MS = 200;

    private final Gateways gateways;
    private final RestClient http;

    SandboxGateway(Gateways gateways, GatewaySettings settings) {
        this.gateways = gateways;
        var factory = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .connectTimeout(settings.connectTimeout())
                .version(HttpClient.Version.HTTP_1_1)
                .build());
        factory.setReadTimeout(settings.readTimeout());
        this.http = RestClient.builder().requestFactory(factory).build();
    }

    @Override
    public GatewayRefund refund(RefundOrder order) {
        var connection = connection(order.provider());
        for (int attempt = 1; ; attempt++) {
            try {
                return post(connection, order);
            } catch (ResourceAccessException e) {
                if (!certainlyNotSent(e)) {
                    throw new GatewayOutcomeUnknown("the gateway did not answer", e);
                }
                if (attempt == TRIES) {
                    throw new GatewayUnavailable("the gateway cannot be reached", e);
                }
                pause(attempt);
            } catch (RestClientException e) {
                throw new GatewayOutcomeUnknown("the gateway's answer was not understood", e);
            }
        }
    }

    @Override
    public String provider() {
        return Gateways.SANDBOX;
    }

    @Override
    public Optional<GatewayRefund> find(RefundOrder order) {
        var connection = connection(order.provider());
        for (int attempt = 1; ; attempt++) {
            try {
                JsonNode list = http.get()
                        .uri(connection.baseUrl() + "/v1/refunds?idempotency_key={key}", order.idempotencyKey())
                        .header("Authorization", "Bearer " + connection.apiKey())
                        .retrieve()
                        .body(JsonNode.class);
                return list == null || list.path("data").isEmpty()
                        ? Optional.empty()
                        : Optional.of(refund(list.path("data").path(0)));
            } catch (RestClientException e) {
                if (attempt == TRIES) {
                    throw new GatewayUnavailable("the gateway cannot be asked", e);
                }
                pause(attempt);
            }
        }
    }

    private GatewayRefund post(Gateways.Connection connection, RefundOrder order) {
        try {
            JsonNode refund = http.post()
                    .uri(connection.baseUrl() + "/v1/refunds")
                    .header("Authorization", "Bearer " + connection.apiKey())
                    .header("Idempotency-Key", order.idempotencyKey())
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(Map.of(
                            "payment", order.gatewayTransactionId(),
                            "amount", order.amount().getAmountMinorLong(),
                            "currency",
                                    order.amount().getCurrencyUnit().getCode().toLowerCase(Locale.ROOT)))
                    .retrieve()
                    .body(JsonNode.class);
            if (refund == null) {
                throw new RestClientException("empty answer");
            }
            return refund(refund);
        } catch (RestClientResponseException e) {
            return refusal(e, order);
        }
    }

    /** 400, 402 and 404 say that this refund will never be booked; everything else leaves it open. */
    private GatewayRefund refusal(RestClientResponseException e, RefundOrder order) {
        HttpStatusCode status = e.getStatusCode();
        log.info("The gateway answered {} to refund {}", status.value(), order.idempotencyKey());
        return switch (status.value()) {
            case 400, 402, 404 -> new GatewayRefund("", GatewayState.DECLINED, order.amount(), declineCode(e));
            case 401, 403, 429 ->
                throw new GatewayUnavailable("the gateway does not take our calls: " + status.value(), e);
            default -> throw e;
        };
    }

    private static String declineCode(RestClientResponseException e) {
        JsonNode body = null;
        try {
            body = e.getResponseBodyAs(JsonNode.class);
        } catch (RestClientException unreadable) {
            log.debug("The gateway's refusal has no readable body", unreadable);
        }
        String code = body == null ? "" : body.path("error").path("code").asText();
        return code.isBlank() ? "refused" : code;
    }

    private static GatewayRefund refund(JsonNode refund) {
        GatewayState state = switch (refund.path("status").asText()) {
            case "succeeded" -> GatewayState.SUCCEEDED;
            case "failed", "canceled" -> GatewayState.DECLINED;
            case "pending", "requires_action" -> GatewayState.PENDING;
            default -> throw new RestClientException("unknown state of a refund");
        };
        @Nullable String declineCode = refund.path("failure_reason").textValue();
        return new GatewayRefund(
                refund.path("id").asText(),
                state,
                Amounts.ofMinor(
                        refund.path("amount").asLong(),
                        refund.path("currency").asText().toUpperCase(Locale.ROOT)),
                declineCode);
    }

    private Gateways.Connection connection(String provider) {
        return gateways.connection(provider)
                .orElseThrow(() -> new GatewayUnavailable("gateway " + provider + " is not configured", null));
    }

    private static boolean certainlyNotSent(ResourceAccessException e) {
        return e.getCause() instanceof IOException cause
                && (cause instanceof ConnectException
                        || cause instanceof HttpConnectTimeoutException
                        || cause.getCause() instanceof UnresolvedAddressException);
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(PAUSE_MS * attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GatewayUnavailable("interrupted while waiting for the gateway", e);
        }
    }
}
