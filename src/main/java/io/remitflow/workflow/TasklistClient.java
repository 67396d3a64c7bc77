package io.remitflow.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** A signed-in session with Tasklist; signs in again when the session has ended. */
@Component
@ConditionalOnProperty(name = "remitflow.camunda.task-api", havingValue = "tasklist-v1", matchIfMissing = true)
class TasklistClient {

    private static final String CSRF_TOKEN = "X-CSRF-TOKEN";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    private final RestClient http;
    private final String username;
    private final String password;
    private volatile @Nullable String csrfToken;
    private volatile boolean signedIn;

    TasklistClient(
            @Value("${remitflow.camunda.tasklist.url:http://localhost:8082}") String url,
            @Value("${remitflow.camunda.tasklist.username:demo}") String username,
            @Value("${remitflow.camunda.tasklist.password:demo}") String password) {
        var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
                .build();
        var requests = new JdkClientHttpRequestFactory(client);
        requests.setReadTimeout(READ_TIMEOUT);
        this.http = RestClient.builder().baseUrl(url).requestFactory(requests).build();
        this.username = username;
        this.password = password;
    }

    Optional<JsonNode> get(String path) {
        return call(() -> {
            try {
                return Optional.ofNullable(
                        http.get().uri(path).headers(this::csrf).retrieve().body(JsonNode.class));
            } catch (HttpClientErrorException.NotFound e) {
                return Optional.empty();
            }
        });
    }

    JsonNode post(String path, Object body) {
        return call(() -> {
            var answer = http.post()
                    .uri(path)
                    .headers(this::csrf)
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(body)
                    .retrieve()
                    .body(JsonNode.class);
            return answer == null ? JsonNodeFactory.instance.arrayNode() : answer;
        });
    }

    private <T> T call(Supplier<T> request) {
        try {
            if (!signedIn) {
                signIn();
            }
            try {
                return request.get();
            } catch (HttpClientErrorException.Unauthorized | HttpClientErrorException.Forbidden sessionEnded) {
                signIn();
                return request.get();
            }
        } catch (RestClientException e) {
            throw new EngineUnavailable("Tasklist does not answer", e);
        }
    }

    private synchronized void signIn() {
        var answer = http.post()
                .uri("/api/login?username={username}&password={password}", username, password)
                .retrieve()
                .toBodilessEntity();
        csrfToken = answer.getHeaders().getFirst(CSRF_TOKEN);
        signedIn = true;
    }

    private void csrf(HttpHeaders headers) {
        String token = csrfToken;
        if (token != null) {
            headers.set(CSRF_TOKEN, token);
        }
    }
}
