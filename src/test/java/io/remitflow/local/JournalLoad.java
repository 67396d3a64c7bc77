package io.remitflow.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Clients that write and post journal entries over REST, each with a key of its own, and ask again with the same key
 * until they get an answer: what a careful partner does when we are away.
 */
final class JournalLoad {

    private static final int CLIENTS = 8;

    private final JsonMapper json = JsonMapper.builder().build();
    private final Map<String, UUID> answered = new ConcurrentHashMap<>();
    private final Queue<String> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<String> refused = new ConcurrentLinkedQueue<>();
    private final Queue<String> unclear = new ConcurrentLinkedQueue<>();
    private final AtomicInteger deferred = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    private final List<String> keys;

    private JournalLoad(String name, int entries) {
        keys = IntStream.range(0, entries).mapToObj(i -> name + "-" + i).toList();
        waiting.addAll(keys);
    }

    static JournalLoad start(String name, int entries, Supplier<TestClient> connect) {
        var load = new JournalLoad(name, entries);
        for (int i = 0; i < CLIENTS; i++) {
            TestClient client = connect.get();
            load.clients.add(Thread.ofPlatform().daemon().name("load-" + i).start(() -> load.work(client)));
        }
        return load;
    }

    List<String> keys() {
        return keys;
    }

    /** The entry of each key whose posting was confirmed to the client. */
    Map<String, UUID> answered() {
        return Map.copyOf(answered);
    }

    /** Answers that no careful client could go on from. */
    List<String> refused() {
        return List.copyOf(refused);
    }

    /** Answers about a service that is away, which did not say so: 503 with the time to come back. */
    List<String> unclear() {
        return List.copyOf(unclear);
    }

    /** How often a client was told to come back later. */
    int deferred() {
        return deferred.get();
    }

    void awaitAnswers(int count) {
        while (answered.size() < count && clients.stream().anyMatch(Thread::isAlive)) {
            Processes.pause(Duration.ofMillis(2));
        }
    }

    void await(Duration patience) throws InterruptedException {
        for (Thread client : clients) {
            client.join(patience);
        }
    }

    private void work(TestClient client) {
        for (String key = waiting.poll(); key != null; key = waiting.poll()) {
            UUID id = post(client, key);
            if (id == null) {
                return;
            }
            answered.put(key, id);
        }
    }

    private @org.jspecify.annotations.Nullable UUID post(TestClient client, String key) {
        var draft = untilAnswered(
                key,
                () -> client.send(client.request("/accounting/journal-entries")
                        .timeout(Duration.ofSeconds(20))
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .POST(BodyPublishers.ofString("""
                        {"description": "%s", "lines": [{"accountCode": "1000", "debitMinor": 100},
                                                        {"accountCode": "4010", "creditMinor": 100}]}""".formatted(key)))));
        if (draft == null) {
            return null;
        }
        UUID id = UUID.fromString(draft.path("id").asText());
        var posted = untilAnswered(
                key,
                () -> client.send(client.request("/accounting/journal-entries/%s/post".formatted(id))
                        .timeout(Duration.ofSeconds(20))
                        .POST(BodyPublishers.noBody())));
        return posted == null ? null : id;
    }

    private @org.jspecify.annotations.Nullable JsonNode untilAnswered(
            String key, Supplier<HttpResponse<String>> request) {
        for (int attempt = 0; attempt < 300; attempt++) {
            try {
                var answer = request.get();
                if (answer.statusCode() / 100 == 2) {
                    return json.readTree(answer.body());
                }
                if (answer.statusCode() == 503
                        && answer.headers().firstValue("Retry-After").isPresent()) {
                    deferred.incrementAndGet();
                } else if (answer.statusCode() >= 500) {
                    unclear.add("%d %s".formatted(answer.statusCode(), answer.body()));
                }
                if (answer.statusCode() < 500) {
                    refused.add("%s: %d %s".formatted(key, answer.statusCode(), answer.body()));
                    return null;
                }
            } catch (UncheckedIOException away) {
                // Whether it was done is not known: ask again.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Processes.pause(Duration.ofMillis(200));
        }
        refused.add(key + ": no answer");
        return null;
    }
}
