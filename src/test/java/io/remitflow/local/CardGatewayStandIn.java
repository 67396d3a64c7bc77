package io.remitflow.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A card gateway on loopback: books one refund per idempotency key, whatever happens to the answer, and reports by signed
 * webhooks that it repeats until they are taken, each of them twice.
 *
 * <p>What it does with a refund is told by {@link #behave} or, for people, by the words in the payment's id:
 * {@code declined}, {@code slow}, {@code lost}, {@code silent}. What it booked is in a file and survives a restart.
 */
public final class CardGatewayStandIn implements LocalPartner {

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

    private static final int MOST_DELIVERIES = 8;

    private final Path file;
    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final Map<String, Booked> refunds = new ConcurrentHashMap<>();
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private @Nullable HttpServer server;
    private @Nullable ScheduledExecutorService clock;
    private volatile @Nullable URI webhook;
    private volatile String secret = LocalSettings.GATEWAY_WEBHOOK_SECRET;
    private volatile Duration confirmationAfter = Duration.ofMillis(500);
    private volatile Duration slowness = Duration.ofSeconds(2);

    public CardGatewayStandIn(Path file) {
        this.file = file;
    }

    @Override
    public String name() {
        return "the card gateway's stand-in";
    }

    /** Where webhooks go; none before this is called. */
    public CardGatewayStandIn reportTo(URI address) {
        webhook = address;
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
    public synchronized void start(int port) {
        load();
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            started.createContext("/v1/refunds", this::handle);
            started.setExecutor(Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("card-gateway-", 1).factory()));
            started.start();
            server = started;
        } catch (IOException e) {
            throw new UncheckedIOException("the card gateway's stand-in cannot listen on port " + port, e);
        }
        clock = Executors.newScheduledThreadPool(
                2, Thread.ofPlatform().daemon().name("card-gateway-clock-", 1).factory());
        refunds.values().stream()
                .filter(refund -> refund.status().equals("pending"))
                .forEach(this::settleLater);
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.stop(0);
            server = null;
        }
        if (clock != null) {
            clock.shutdownNow();
            clock = null;
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!("Bearer " + LocalSettings.GATEWAY_API_KEY)
                    .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                answer(exchange, 401, Map.of("error", Map.of("code", "unauthorized")));
            } else if (exchange.getRequestMethod().equals("POST")) {
                create(exchange);
            } else {
                find(exchange);
            }
        }
    }

    private void find(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getRawQuery());
        String key = URLDecoder.decode(query.substring(query.indexOf('=') + 1), StandardCharsets.UTF_8);
        Booked refund = refunds.get(key);
        answer(exchange, 200, Map.of("data", refund == null ? List.of() : List.of(object(refund))));
    }

    private void create(HttpExchange exchange) throws IOException {
        JsonNode body = json.readTree(exchange.getRequestBody());
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
                sleep(slowness);
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
        ScheduledExecutorService running = clock;
        if (running != null) {
            running.schedule(() -> settle(refund.key()), confirmationAfter.toMillis(), TimeUnit.MILLISECONDS);
        }
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
        deliver(event, 1);
        deliver(event, 1);
    }

    private void deliver(String event, int delivery) {
        URI address = webhook;
        ScheduledExecutorService running = clock;
        if (address == null || running == null || delivery > MOST_DELIVERIES) {
            return;
        }
        boolean taken;
        try {
            taken = http.send(
                                            HttpRequest.newBuilder(address)
                                                    .timeout(Duration.ofSeconds(5))
                                                    .header("Content-Type", "application/json")
                                                    .header(
                                                            "Gateway-Signature",
                                                            signature(
                                                                    event,
                                                                    Instant.now()
                                                                            .getEpochSecond(),
                                                                    secret))
                                                    .POST(HttpRequest.BodyPublishers.ofString(event))
                                                    .build(),
                                            BodyHandlers.discarding())
                                    .statusCode()
                            / 100
                    == 2;
        } catch (IOException e) {
            taken = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!taken && !running.isShutdown()) {
            running.schedule(() -> deliver(event, delivery + 1), 1L << delivery, TimeUnit.SECONDS);
        }
    }

    /** A header as the gateway sends it. */
    public static String signature(String body, long timestamp, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] code = mac.doFinal((timestamp + "." + body).getBytes(StandardCharsets.UTF_8));
            return "t=" + timestamp + ",v1=" + HexFormat.of().formatHex(code);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
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
        byte[] bytes = json(body).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private String json(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void save() {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(next, json(refunds));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void load() {
        if (Files.exists(file)) {
            try {
                refunds.putAll(json.readValue(file.toFile(), new TypeReference<Map<String, Booked>>() {}));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
