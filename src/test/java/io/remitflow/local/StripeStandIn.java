package io.remitflow.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
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
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stripe's refunds on loopback: form posts with an {@code Idempotency-Key} whose first answer is kept, lists with the
 * newest first, errors in Stripe's shape, and events signed with {@code Stripe-Signature}, each sent twice.
 */
public final class StripeStandIn implements LocalPartner {

    /** Where the local run starts it. */
    public static final int LOCAL_PORT = 8092;

    public static final String API_KEY = "sk_test_local_stand_in";
    public static final String WEBHOOK_SECRET = "whsec_local_stand_in";

    /** What becomes of the next sending of a refund of a payment; nothing in the list of moods: pending, then succeeded. */
    public enum Mood {
        SUCCEED_AT_ONCE,
        FAIL_LATER,
        /** 402 with a code; nothing is booked. */
        CARD_ERROR,
        /** 409: another request with the key is running; nothing is booked. */
        CONFLICT,
        /** 429 with Retry-After; nothing is booked. */
        RATE_LIMIT,
        /** Booked, and answered with 500. */
        BOOK_AND_FAIL,
        /** Booked, and never answered. */
        BOOK_AND_STAY_SILENT,
        /** Booked, and answered with half an object. */
        BOOK_AND_GARBLE,
        /** Booked, and answered with ten megabytes. */
        BOOK_AND_FLOOD,
        /** Booked, and answered byte by byte. */
        BOOK_AND_DRIP
    }

    private static final int FLOOD_BYTES = 10 * 1024 * 1024;

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final @Nullable Path file;
    private final Map<String, Map<String, Object>> refunds = new ConcurrentHashMap<>();
    private final Map<String, Mood> moods = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> sendings = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile boolean deaf;
    private volatile @Nullable URI webhook;
    private volatile Duration confirmationAfter = Duration.ofMillis(500);
    private @Nullable HttpServer server;
    private @Nullable ScheduledExecutorService clock;

    /** @param file keeps what was booked; null: forgotten when it ends */
    public StripeStandIn(@Nullable Path file) {
        this.file = file;
    }

    @Override
    public String name() {
        return "Stripe's stand-in";
    }

    @Override
    public int port(LocalPorts ports) {
        return LOCAL_PORT;
    }

    public StripeStandIn reportTo(URI address) {
        webhook = address;
        return this;
    }

    public StripeStandIn confirmAfter(Duration delay) {
        confirmationAfter = delay;
        return this;
    }

    /** Until {@link #calm}. */
    public void mood(String payment, Mood mood) {
        moods.put(payment, mood);
    }

    public void calm(String payment) {
        moods.remove(payment);
    }

    /** Answers nothing but 500 from now on. */
    public void deaf(boolean value) {
        deaf = value;
    }

    /** How often a refund with this key was sent, booked or not. */
    public int sendings(String key) {
        AtomicInteger count = sendings.get(key);
        return count == null ? 0 : count.get();
    }

    /** How many calls of any kind came. */
    public int calls() {
        return questions.get();
    }

    public List<Map<String, Object>> refundsOf(String payment) {
        return refunds.values().stream()
                .filter(refund -> payment.equals(refund.get("payment_intent")) || payment.equals(refund.get("charge")))
                .toList();
    }

    /** No event is sent. */
    public void setStatus(String payment, String status, @Nullable String failure) {
        refundsOf(payment).forEach(refund -> {
            refund.put("status", status);
            if (failure != null) {
                refund.put("failure_reason", failure);
            }
        });
        save();
    }

    @Override
    public synchronized void start(int port) {
        load();
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            started.createContext("/v1/refunds", this::handle);
            started.setExecutor(Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("stripe-", 1).factory()));
            started.start();
            server = started;
        } catch (IOException e) {
            throw new UncheckedIOException("Stripe's stand-in cannot listen on port " + port, e);
        }
        clock = Executors.newScheduledThreadPool(
                1, Thread.ofPlatform().daemon().name("stripe-clock-", 1).factory());
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
            questions.incrementAndGet();
            if (!("Bearer " + API_KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                error(exchange, 401, "invalid_request_error", "api_key_invalid");
            } else if (deaf) {
                error(exchange, 500, "api_error", "");
            } else if (exchange.getRequestMethod().equals("POST")) {
                create(exchange);
            } else {
                list(exchange);
            }
        }
    }

    private void list(HttpExchange exchange) throws IOException {
        Map<String, String> query = form(String.valueOf(exchange.getRequestURI().getRawQuery()));
        String payment = query.getOrDefault("payment_intent", query.getOrDefault("charge", ""));
        answer(
                exchange,
                200,
                json(Map.of("object", "list", "url", "/v1/refunds", "has_more", false, "data", refundsOf(payment))));
    }

    private void create(HttpExchange exchange) throws IOException {
        Map<String, String> fields = form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        String payment = fields.getOrDefault("payment_intent", fields.getOrDefault("charge", ""));
        if (key == null || payment.isEmpty()) {
            error(exchange, 400, "invalid_request_error", "parameter_missing");
            return;
        }
        sendings.computeIfAbsent(key, unseen -> new AtomicInteger()).incrementAndGet();
        Mood mood = moods.get(payment);
        if (mood == Mood.CARD_ERROR) {
            error(exchange, 402, "card_error", "expired_or_canceled_card");
        } else if (mood == Mood.CONFLICT) {
            error(exchange, 409, "idempotency_error", "idempotency_key_in_use");
        } else if (mood == Mood.RATE_LIMIT) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            error(exchange, 429, "invalid_request_error", "rate_limit");
        } else {
            Map<String, Object> refund = refunds.get(key);
            if (refund != null
                    && !Long.valueOf(fields.getOrDefault("amount", "0")).equals(refund.get("amount"))) {
                error(exchange, 400, "idempotency_error", "");
                return;
            }
            if (refund == null) {
                refund = book(key, payment, fields, mood);
            }
            answerBooked(exchange, refund, mood);
        }
    }

    private Map<String, Object> book(String key, String payment, Map<String, String> fields, @Nullable Mood mood) {
        Map<String, Object> refund = new ConcurrentHashMap<>(Map.of(
                "id",
                "re_" + UUID.randomUUID().toString().replace("-", ""),
                "object",
                "refund",
                "amount",
                Long.valueOf(fields.getOrDefault("amount", "0")),
                "currency",
                "usd",
                "created",
                Instant.now().getEpochSecond(),
                payment.startsWith("pi_") ? "payment_intent" : "charge",
                payment,
                "metadata",
                Map.of("remitflow_key", fields.getOrDefault("metadata[remitflow_key]", "")),
                "status",
                mood == Mood.SUCCEED_AT_ONCE ? "succeeded" : "pending"));
        refunds.put(key, refund);
        save();
        ScheduledExecutorService running = clock;
        if (running != null) {
            running.schedule(
                    () -> settle(refund, mood == Mood.FAIL_LATER), confirmationAfter.toMillis(), TimeUnit.MILLISECONDS);
        }
        return refund;
    }

    private void answerBooked(HttpExchange exchange, Map<String, Object> refund, @Nullable Mood mood)
            throws IOException {
        String body = json(refund);
        if (mood == Mood.BOOK_AND_FAIL) {
            error(exchange, 500, "api_error", "");
        } else if (mood == Mood.BOOK_AND_GARBLE) {
            answer(exchange, 200, body.substring(0, body.length() / 2));
        } else if (mood == Mood.BOOK_AND_FLOOD) {
            exchange.sendResponseHeaders(200, FLOOD_BYTES);
            exchange.getResponseBody().write(new byte[FLOOD_BYTES]);
        } else if (mood == Mood.BOOK_AND_DRIP) {
            exchange.sendResponseHeaders(200, body.length());
            for (byte next : body.getBytes(StandardCharsets.UTF_8)) {
                exchange.getResponseBody().write(next);
                exchange.getResponseBody().flush();
                pause(Duration.ofMillis(200));
            }
        } else if (mood != Mood.BOOK_AND_STAY_SILENT) {
            answer(exchange, 200, body);
        }
    }

    private void settle(Map<String, Object> refund, boolean fails) {
        if ("pending".equals(refund.get("status"))) {
            refund.put("status", fails ? "failed" : "succeeded");
            if (fails) {
                refund.put("failure_reason", "lost_or_stolen_card");
            }
            save();
        }
        report(fails ? "refund.failed" : "refund.updated", refund);
    }

    /** Twice, as Stripe sometimes does. */
    public void report(String type, Map<String, Object> object) {
        String event = event(type, object);
        deliver(event, 1);
        deliver(event, 1);
    }

    public String event(String type, Map<String, Object> object) {
        return json(Map.of(
                "id",
                "evt_" + UUID.randomUUID(),
                "object",
                "event",
                "api_version",
                "2020-08-27",
                "type",
                type,
                "created",
                Instant.now().getEpochSecond(),
                "livemode",
                false,
                "data",
                Map.of("object", object)));
    }

    private void deliver(String event, int delivery) {
        URI address = webhook;
        ScheduledExecutorService running = clock;
        if (address == null || running == null || delivery > 8) {
            return;
        }
        try {
            var request = HttpRequest.newBuilder(address)
                    .timeout(Duration.ofSeconds(5))
                    .header("Content-Type", "application/json")
                    .header(
                            "Stripe-Signature",
                            CardGatewayStandIn.signature(event, Instant.now().getEpochSecond(), WEBHOOK_SECRET))
                    .POST(HttpRequest.BodyPublishers.ofString(event))
                    .build();
            if (http.send(request, BodyHandlers.discarding()).statusCode() / 100 == 2) {
                return;
            }
        } catch (IOException notTaken) {
            // comes again
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!running.isShutdown()) {
            running.schedule(() -> deliver(event, delivery + 1), 1L << delivery, TimeUnit.SECONDS);
        }
    }

    private static Map<String, String> form(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.put(
                        URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return fields;
    }

    private void error(HttpExchange exchange, int status, String type, String code) throws IOException {
        answer(
                exchange,
                status,
                json(Map.of("error", Map.of("type", type, "code", code, "message", "The stand-in was told to"))));
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        OutputStream out = exchange.getResponseBody();
        out.write(bytes);
    }

    private String json(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void save() {
        if (file != null) {
            try {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Files.writeString(file, json(refunds));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void load() {
        if (file != null && Files.exists(file)) {
            try {
                json.readValue(file.toFile(), new TypeReference<Map<String, Map<String, Object>>>() {})
                        .forEach((key, refund) -> {
                            refund.put("amount", Long.valueOf(String.valueOf(refund.get("amount"))));
                            refunds.put(key, new ConcurrentHashMap<>(refund));
                        });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
