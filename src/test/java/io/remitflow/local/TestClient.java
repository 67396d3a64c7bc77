package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A browser without a screen, or an API client, over real HTTP; redirects are not followed. */
public final class TestClient {

    private static final Pattern CSRF =
            Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"|csrf-token\" content=\"([^\"]+)\"");

    private final String base;
    private final CookieManager cookies = new CookieManager();
    private final HttpClient http;
    private final @Nullable String authorization;
    private @Nullable String csrf;

    private TestClient(int port, @Nullable String authorization) {
        this(port, authorization, "127.0.0.1");
    }

    private TestClient(int port, @Nullable String authorization, String source) {
        this.base = "http://127.0.0.1:" + port;
        this.http = HttpClient.newBuilder()
                .cookieHandler(cookies)
                .localAddress(address(source))
                .build();
        this.authorization = authorization;
    }

    /** Nobody yet. */
    public static TestClient browser(int port) {
        return new TestClient(port, null);
    }

    /** Nobody yet, at another address of this machine, such as 127.0.7.1. */
    public static TestClient browserAt(String source, int port) {
        return new TestClient(port, null, source);
    }

    /** HTTP Basic with every request. */
    public static TestClient api(int port, String signInName, String password) {
        return apiAt("127.0.0.1", port, signInName, password);
    }

    public static TestClient apiAt(String source, int port, String signInName, String password) {
        String credentials = signInName + ":" + password;
        return new TestClient(
                port,
                "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)),
                source);
    }

    public TestClient signIn(String name, String password) {
        var answer = trySignIn(name, password);
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.headers().firstValue("Location").orElse("")).startsWith("/app");
        return this;
    }

    public HttpResponse<String> trySignIn(String name, String password) {
        get("/sign-in");
        return post("/sign-in", Map.of("username", name, "password", password));
    }

    public HttpResponse<String> get(String path) {
        var answer = send(request(path).GET());
        var token = CSRF.matcher(answer.body());
        if (token.find()) {
            csrf = token.group(1) == null ? token.group(2) : token.group(1);
        }
        return answer;
    }

    /** A form, with the CSRF token of the page that was read last. */
    public HttpResponse<String> post(String path, Map<String, String> form) {
        String fields = form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        return postFields(path, fields);
    }

    /** As {@link #post}, with fields that may be there several times: encoded, joined by {@code &}. */
    public HttpResponse<String> postFields(String path, String fields) {
        String body = csrf == null ? fields : fields + "&_csrf=" + encoded(csrf);
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    }

    public HttpResponse<String> json(String method, String path, String body) {
        return send(
                request(path).header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body)));
    }

    public HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create(base + path));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public String sessionCookie() {
        return cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("JSESSIONID"))
                .map(cookie -> cookie.getValue())
                .findFirst()
                .orElse("");
    }

    public void forgetCsrf() {
        csrf = null;
    }

    private static InetAddress address(String source) {
        try {
            return InetAddress.getByName(source);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
