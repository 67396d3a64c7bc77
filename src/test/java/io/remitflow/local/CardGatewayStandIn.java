package io.remitflow.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A card gateway on loopback: books one refund per idempotency key, whatever happens to the answer, and reports by signed
 * webhooks that it repeats until they are taken, each of them twice.
 *
 * <p>What it does with a refund is told by {@link #behave} or, for people, by the words in the payment's id:
 * {@code declined}, {@code slow}, {@code lost}, {@code silent}. What it booked is in a file and survives a restart.
 */
public final class CardGatewayStandIn extends GatewayStandIn {

    /** What becomes of a refund. */
    public enum Behaviour {
        /** Pending, then confirmed by a webhook. */
        CONFIRM_LATER,
        SUCCEED_AT_ONCE,
        DECLINE,
        /** Pending, then failed, told by a webhook. */
        DECLINE_LATER,
        /** Booked, but the connection breaks before the answer. */
        LOSE_ANSWER,
        /** Booked, and answered only after a while. */
        ANSWER_SLOWLY,
        /** Booked, confirmed, and no webhook is ever sent. */
        STAY_SILENT,
        /** A state that nobody knows. */
        ANSWER_NONSENSE
    }

    /** A refund as the gateway keeps it. */
    public record Booked(
            String id,
            String key,
            String payment,
            long amount,
            String currency,
            String status,
            @Nullable String failure,
            String behaviour) {

        Booked as(String newStatus, @Nullable String newFailure) {
            return new Booked(id, key, payment, amount, currency, newStatus, newFailure, behaviour);
        }
    }

    private final Map<String, Booked> refunds = new ConcurrentHashMap<>();
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private volatile Duration confirmationAfter = Duration.ofMillis(500);
    private volatile Duration slowness = Duration.ofSeconds(2);

    public CardGatewayStandIn(Path file) {
        super(file);
    }

    @Override
    public String name() {
        return "the card gateway's stand-in";
    }

    /** Where webhooks go; none before this is called. */
    public CardGatewayStandIn reportTo(URI address) {
        setWebhook(address);
        return this;
    }

    public CardGatewayStandIn confirmAfter(Duration delay) {
        confirmationAfter = delay;
        return this;
    }

    public CardGatewayStandIn answerSlowlyAfter(Duration delay) {
        slowness = delay;
        return this;
    }

    /** From now on for refunds of this payment. */
    public void behave(String payment, Behaviour behaviour) {
        behaviours.put(payment, behaviour);
    }

    public List<Booked> refundsOf(String payment) {
        return refunds.values().stream()
                .filter(refund -> refund.payment().equals(payment))
                .toList();
    }

    /** The gateway changes its mind, for example because the card was closed; no webhook. */
    public void setState(String key, String status, @Nullable String failure) {
        Booked refund = refunds.get(key);
        if (refund != null) {
            refunds.put(key, refund.as(status, failure));
            save();
        }
    }

    @Override
    protected String context() {
        return "/v1/refunds";
    }

    @Override
    protected String signatureHeader() {
        return "Gateway-Signature";
    }

    @Override
    protected String secret() {
        return LocalSettings.GATEWAY_WEBHOOK_SECRET;
    }

    @Override
    protected void remember() {
        saved(new TypeReference<Map<String, Booked>>() {}).ifPresent(refunds::putAll);
    }

    @Override
    protected void goOn() {
        refunds.values().stream()
                .filter(refund -> refund.status().equals("pending"))
                .forEach(this::settleLater);
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        if (!("Bearer " + LocalSettings.GATEWAY_API_KEY)
                .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(exchange, 401, Map.of("error", Map.of("code", "unauthorized")));
        } else if (exchange.getRequestMethod().equals("POST")) {
            create(exchange);
        } else {
            find(exchange);
        }
    }

    private void find(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getRawQuery());
        String key = URLDecoder.decode(query.substring(query.indexOf('=') + 1), StandardCharsets.UTF_8);
        Booked refund = refunds.get(key);
        answer(exchange, 200, Map.of("data", refund == null ? List.of() : List.of(object(refund))));
    }

    private void create(HttpExchange exchange) throws IOException {
        JsonNode body = json().readTree(exchange.getRequestBody());
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        String payment = body.path("payment").asText();
        Behaviour behaviour = behaviours.getOrDefault(payment, behaviourIn(payment));
        if (key == null || payment.isBlank() || body.path("amount").asLong() <= 0) {
            answer(exchange, 400, Map.of("error", Map.of("code", "invalid_request")));
            return;
        }
        Booked refund = refunds.computeIfAbsent(
                key,
                unseen -> new Booked(
                        "re_" + UUID.randomUUID().toString().replace("-", ""),
                        key,
                        payment,
                        body.path("amount").asLong(),
                        body.path("currency").asText(),
                        firstStatus(behaviour),
                        behaviour == Behaviour.DECLINE ? "expired_or_canceled_card" : null,
                        behaviour.name()));
        save();
        settleLater(refund);
        switch (behaviour) {
            case LOSE_ANSWER -> exchange.getRequestBody().close(); // and no answer
            case ANSWER_SLOWLY -> {
                pause(slowness);
                answer(exchange, 200, object(refunds.getOrDefault(key, refund)));
            }
            case ANSWER_NONSENSE -> {
                Map<String, Object> nonsense = object(refund);
                nonsense.put("status", "under_the_moon");
                answer(exchange, 200, nonsense);
            }
            case CONFIRM_LATER, SUCCEED_AT_ONCE, DECLINE, DECLINE_LATER, STAY_SILENT ->
                answer(exchange, 200, object(refund));
        }
    }

    private void settleLater(Booked refund) {
        later(confirmationAfter, () -> settle(refund.key()));
    }

    private void settle(String key) {
        Booked refund = refunds.get(key);
        if (refund == null) {
            return;
        }
        Behaviour behaviour = Behaviour.valueOf(refund.behaviour());
        if (refund.status().equals("pending")) {
            boolean fails = behaviour == Behaviour.DECLINE_LATER;
            refund = refund.as(fails ? "failed" : "succeeded", fails ? "lost_or_stolen_card" : null);
            refunds.put(key, refund);
            save();
        }
        if (behaviour != Behaviour.STAY_SILENT) {
            report("refund." + refund.status(), refund);
        }
    }

    /** Tells the application, twice, as gateways sometimes do. */
    public void report(String type, Booked refund) {
        String event = json(Map.of(
                "id",
                "evt_" + UUID.randomUUID(),
                "type",
                type,
                "created",
                Instant.now().getEpochSecond(),
                "livemode",
                false,
                "data",
                Map.of("object", object(refund))));
        deliverTwice(event);
    }

    private static String firstStatus(Behaviour behaviour) {
        return switch (behaviour) {
            case SUCCEED_AT_ONCE, ANSWER_SLOWLY -> "succeeded";
            case DECLINE -> "failed";
            case CONFIRM_LATER, DECLINE_LATER, LOSE_ANSWER, STAY_SILENT, ANSWER_NONSENSE -> "pending";
        };
    }

    private static Behaviour behaviourIn(String payment) {
        if (payment.contains("declined")) {
            return Behaviour.DECLINE_LATER;
        }
        if (payment.contains("slow")) {
            return Behaviour.ANSWER_SLOWLY;
        }
        if (payment.contains("lost")) {
            return Behaviour.LOSE_ANSWER;
        }
        return payment.contains("silent") ? Behaviour.STAY_SILENT : Behaviour.CONFIRM_LATER;
    }

    private static Map<String, Object> object(Booked refund) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("id", refund.id());
        object.put("object", "refund");
        object.put("payment", refund.payment());
        object.put("idempotency_key", refund.key());
        object.put("amount", refund.amount());
        object.put("currency", refund.currency());
        object.put("status", refund.status());
        object.put("failure_reason", refund.failure());
        return object;
    }

    private void answer(HttpExchange exchange, int status, Object body) throws IOException {
        answer(exchange, status, json(body));
    }

    private void save() {
        save(refunds);
    }
}
