package io.remitflow.local;

import com.fasterxml.jackson.core.type.TypeReference;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What stand-ins of payment gateways have in common: they listen on loopback, keep what they booked in a file that
 * survives a restart, and report by signed webhooks that they repeat until they are taken.
 */
public abstract class GatewayStandIn implements LocalPartner {

    private static final int MOST_DELIVERIES = 8;

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final @Nullable Path file;
    private volatile @Nullable URI webhook;
    private @Nullable HttpServer server;
    private volatile @Nullable ScheduledExecutorService clock;

    /** @param file keeps what was booked; null: forgotten when it ends */
    protected GatewayStandIn(@Nullable Path file) {
        this.file = file;
    }

    /** The address of which everything below is answered by {@link #handle}. */
    protected abstract String context();

    protected abstract void handle(HttpExchange exchange) throws IOException;

    /** The header that carries the signature of a webhook. */
    protected abstract String signatureHeader();

    protected abstract String secret();

    /** Called before anything is answered. */
    protected void remember() {}

    /** Called as soon as it listens. */
    protected void goOn() {}

    protected void setWebhook(URI address) {
        webhook = address;
    }

    @Override
    public synchronized void start(int port) {
        remember();
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            started.createContext(context(), exchange -> {
                try (exchange) {
                    handle(exchange);
                }
            });
            started.setExecutor(Executors.newCachedThreadPool(
                    Thread.ofPlatform().daemon().name("gateway-", 1).factory()));
            started.start();
            server = started;
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot listen on port %d".formatted(name(), port), e);
        }
        clock = Executors.newScheduledThreadPool(
                2, Thread.ofPlatform().daemon().name("gateway-clock-", 1).factory());
        goOn();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.stop(0);
            server = null;
        }
        ScheduledExecutorService running = clock;
        if (running != null) {
            running.shutdownNow();
            clock = null;
        }
    }

    protected void later(Duration delay, Runnable work) {
        ScheduledExecutorService running = clock;
        if (running != null && !running.isShutdown()) {
            running.schedule(work, delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Tells the application, twice, as gateways sometimes do. */
    protected void deliverTwice(String event) {
        deliver(event, 1);
        deliver(event, 1);
    }

    private void deliver(String event, int delivery) {
        URI address = webhook;
        if (address == null || clock == null || delivery > MOST_DELIVERIES) {
            return;
        }
        try {
            var request = HttpRequest.newBuilder(address)
                    .timeout(Duration.ofSeconds(5))
                    .header("Content-Type", "application/json")
                    .header(signatureHeader(), signature(event, Instant.now().getEpochSecond(), secret()))
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
        later(Duration.ofSeconds(1L << delivery), () -> deliver(event, delivery + 1));
    }

    /** A header as gateways send it. */
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

    protected static Map<String, String> form(String text) {
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

    protected static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    protected JsonMapper json() {
        return json;
    }

    protected String json(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected synchronized void save(Object booked) {
        if (file == null) {
            return;
        }
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(next, json(booked));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected <T> Optional<T> saved(TypeReference<T> type) {
        if (file == null || !Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(json.readValue(file.toFile(), type));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    protected static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
