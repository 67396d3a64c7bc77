package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Questions to our own servers on the loopback interface. */
final class LocalHttp {

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    private LocalHttp() {}

    /** Whether the address answers with success. */
    static boolean answers(String address) {
        try {
            return send("GET", address, "").statusCode() / 100 == 2;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    static HttpResponse<String> send(String method, String address, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        try {
            return CLIENT.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** As {@link #send}, and refuses an answer that is not a success. */
    static String request(String method, String address, String body) {
        HttpResponse<String> response = send(method, address, body);
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(
                    "%s %s answered %d: %s".formatted(method, address, response.statusCode(), response.body()));
        }
        return response.body();
    }
}
