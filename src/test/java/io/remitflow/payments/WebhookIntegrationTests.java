package io.remitflow.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.LocalSettings;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class WebhookIntegrationTests {

    static final String SECRET = LocalSettings.GATEWAY_WEBHOOK_SECRET;

    @Autowired
    ApplicationContext context;

    @Autowired
    Gateways gateways;

    @Autowired
    GatewayEvents events;

    @Autowired
    GatewayEventProcessing processing;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    TestHospital hospital;
    final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
    }

    @Test
    void b1_theSameEventAHundredTimesIsOneRow() throws Exception {
        String body = event("evt_1");
        List<Callable<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(() -> post(body, signed(body, now())));
        }
        try (var pool = Executors.newFixedThreadPool(16)) {
            for (var answer : pool.invokeAll(calls)) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
        assertThat(count("select count(*) from payments_gateway_events")).isEqualTo(1);
    }

    @Test
    void b3_aTimeOutOfToleranceIsRefusedInBothDirections() throws Exception {
        String body = event("evt_1");

        assertThat(post(body, signed(body, now() - 360))).isEqualTo(400);
        assertThat(post(body, signed(body, now() + 360))).isEqualTo(400);
        assertThat(count("select count(*) from payments_gateway_events")).isZero();
        assertThat(count("select count(*) from audit_log where action = 'webhook-refused'"))
                .isEqualTo(2);
    }

    @Test
    void b4_onlyASignatureOverTheVeryBytesIsAccepted() throws Exception {
        String body = event("evt_1");
        String genuine = signed(body, now());

        assertThat(post(body.replace("refund", "refunD"), genuine)).isEqualTo(400);
        assertThat(post(body, null)).isEqualTo(400);
        assertThat(post(body, "t=" + now())).isEqualTo(400);
        assertThat(post(body, "t=now,v1=00")).isEqualTo(400);
        assertThat(post(body, signed(body, now(), "another secret"))).isEqualTo(400);
        assertThat(post(body, genuine + ",v1=" + "00".repeat(2_000))).isEqualTo(400);
        assertThat(count("select count(*) from payments_gateway_events")).isZero();
        assertThat(post(body, genuine.replace(",v1=", ",v1=00ff,v0=00,v1="))).isEqualTo(200);
    }

    @Test
    void b4_aHeaderOfTenMegabytesIsRefusedAndTheNextCallAnswered() throws Exception {
        String answer = "";
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            var out = socket.getOutputStream();
            out.write("""
                    POST /billing/payments/webhooks/sandbox/%s HTTP/1.1\r
                    Host: localhost\r
                    Content-Length: 0\r
                    Gateway-Signature: t=1,v1=""".formatted(hospital.code()).getBytes(StandardCharsets.US_ASCII));
            byte[] piece = "0".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
            try {
                for (int i = 0; i < 1_000; i++) {
                    out.write(piece);
                }
            } catch (SocketException e) {
                // It need not listen to the end.
            }
            answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        } catch (SocketException e) {
            // Nor to let the answer through to somebody who is still sending.
        }

        assertThat(answer).isIn("", "HTTP/1.1 400", "HTTP/1.1 431");
        assertThat(count("select count(*) from payments_gateway_events")).isZero();
        String body = event("evt_1");
        assertThat(post(body, signed(body, now()))).isEqualTo(200);
    }

    @Test
    void b4_aBodyWithoutEndIsNotReadToItsEnd() throws Exception {
        var piece = new byte[64 * 1024];
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(webhook())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofByteArrays(
                                () -> Stream.generate(() -> piece).limit(5).iterator())))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(count("select count(*) from payments_gateway_events")).isZero();
    }

    @Test
    void jsonHasALimitThatNoDeclaredLengthGetsAround() throws Exception {
        var clerk = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        String text = "{\"reason\": \"" + "x".repeat(2 * 1024 * 1024) + "\"}";

        var answer = clerk.send(clerk.request("/billing/payments")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(text))));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("file-too-large");
    }

    @Test
    void b4_bothSecretsHoldWhileOneIsRotated() throws Exception {
        hospital.run(() -> gateways.rotateWebhookSecret(Gateways.SANDBOX, "the new secret"));

        assertThat(post(event("evt_old"), signed(event("evt_old"), now()))).isEqualTo(200);
        assertThat(post(event("evt_new"), signed(event("evt_new"), now(), "the new secret")))
                .isEqualTo(200);
        hospital.run(() -> gateways.forgetPreviousSecret(Gateways.SANDBOX));
        assertThat(post(event("evt_late"), signed(event("evt_late"), now()))).isEqualTo(400);
    }

    @Test
    void b5_aReplayChangesNothing() throws Exception {
        String body = event("evt_1");
        String signature = signed(body, now());

        assertThat(post(body, signature)).isEqualTo(200);
        assertThat(post(body, signature)).isEqualTo(200);
        assertThat(count("select count(*) from payments_gateway_events")).isEqualTo(1);
    }

    @Test
    void anEventThatAlwaysFailsHoldsUpNobodyAndIsParkedUntilAPersonTriesAgain() {
        for (int i = 0; i < 200; i++) {
            stored("poison-" + i, Gateways.SEPAY, "not what SePay sends", i);
        }
        stored("behind", Gateways.SANDBOX, "{}", 500);

        processing.processMissed();
        processing.processMissed();

        assertThat(count(
                        "select count(*) from payments_gateway_events where event_id = 'behind' and state = 'ignored'"))
                .isEqualTo(1);
        // On a slow machine the first of them are due again before the last was tried.
        assertThat(count(
                        "select count(*) from payments_gateway_events where state = 'received' and attempts between 1 and 2"
                                + " and next_attempt_at > received_at and last_error = 'invalid-input'"))
                .isEqualTo(200);

        change(
                "delete from payments_gateway_events where org_id = ? and event_id like 'poison-%' and event_id <> 'poison-7'");
        change(
                "update payments_gateway_events set attempts = %d, next_attempt_at = now() where org_id = ? and event_id = 'poison-7'"
                        .formatted(GatewayEvents.ATTEMPTS - 2));
        processing.processMissed();
        assertThat(hospital.call(events::parked)).isEmpty();
        change("update payments_gateway_events set next_attempt_at = now() where org_id = ? and event_id = 'poison-7'");
        processing.processMissed();
        processing.processMissed();

        GatewayEvents.Parked parked = hospital.call(events::parked).getFirst();
        assertThat(parked.eventId()).isEqualTo("poison-7");
        assertThat(parked.attempts()).isEqualTo(GatewayEvents.ATTEMPTS);
        var watcher = TestClient.browser(port);
        assertThat(watcher.get("/actuator/health/gateway-events").statusCode()).isEqualTo(503);
        var manager = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        assertThat(manager.get("/app").body()).contains("Gateway events given up");
        assertThat(manager.get("/app/operations").body())
                .contains("poison-7", "invalid-input", "Try again")
                .doesNotContain("not what SePay sends");
        var clerk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        clerk.get("/app/inbox");
        String retry = "/app/operations/gateway-events/%s/retry".formatted(parked.id());
        assertThat(clerk.post(retry, Map.of()).statusCode()).isEqualTo(403);

        // Its cause is mended: the body can be read now.
        change(
                "update payments_gateway_events set gateway_provider = 'sandbox' where org_id = ? and event_id = 'poison-7'");
        manager.post(retry, Map.of());

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                count(
                                        "select count(*) from payments_gateway_events where event_id = 'poison-7' and state = 'ignored'"))
                        .isEqualTo(1));
        manager.post(retry, Map.of());
        assertThat(hospital.call(() -> events.waiting(10))).isEmpty();
        assertThat(watcher.get("/actuator/health/gateway-events").statusCode()).isEqualTo(200);
        assertThat(count("select count(*) from audit_log where action = 'gateway-event.retried'"))
                .isEqualTo(1);
    }

    private void stored(String eventId, String provider, String body, int second) {
        hospital.run(() -> transactions.executeWithoutResult(tx -> jdbc.sql("""
                        insert into payments_gateway_events (org_id, id, gateway_provider, event_id, event_type, body, state,
                            received_at)
                        values (:org, gen_random_uuid(), :provider, :event, 'transfer', :body, 'received',
                            now() - interval '1 hour' + interval '1 second' * :second)
                        """)
                .param("org", hospital.id().value())
                .param("provider", provider)
                .param("event", eventId)
                .param("body", body.getBytes(StandardCharsets.UTF_8))
                .param("second", second)
                .update()));
    }

    private void change(String sql) {
        StripeBooks.superuser().sql(sql).param(hospital.id().value()).update();
    }

    @Test
    void secretsAreNotReadableInTheDatabase() {
        hospital.run(() -> transactions.executeWithoutResult(tx -> {
            byte[] stored = jdbc.sql("select webhook_secret_encrypted from billing_payment_gateways")
                    .query(byte[].class)
                    .single();
            assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain(SECRET);
        }));
    }

    private int post(String body, @Nullable String signature) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(webhook())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (signature != null) {
            request.header("Gateway-Signature", signature);
        }
        return http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    private URI webhook() {
        return URI.create("http://127.0.0.1:%d/billing/payments/webhooks/sandbox/%s".formatted(port, hospital.code()));
    }

    private static String event(String id) {
        return """
                {"id": "%s", "type": "refund.updated", "livemode": false,
                 "data": {"object": {"id": "re_1", "idempotency_key": "refund-unknown-1"}}}
                """.formatted(id);
    }

    private static String signed(String body, long at) {
        return signed(body, at, SECRET);
    }

    private static String signed(String body, long at, String secret) {
        return CardGatewayStandIn.signature(body, at, secret);
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private long count(String sql) {
        return hospital.call(() -> Objects.requireNonNull(
                transactions.execute(tx -> jdbc.sql(sql).query(Long.class).single())));
    }
}
