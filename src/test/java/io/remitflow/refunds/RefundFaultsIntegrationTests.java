package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.CardGatewayStandIn.Behaviour;
import io.remitflow.local.CardGatewayStandIn.Booked;
import io.remitflow.local.Invariants;
import io.remitflow.local.LocalSettings;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.Payments;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Requests and gateway events that come twice, at once or in the wrong order; nobody needs the engine for that. */
@BooksTest
class RefundFaultsIntegrationTests {

    /** {@code refund.failed} is old news: the gateway tried once more and delivered. */
    private static final List<String> EVENTS =
            List.of("payment.captured", "refund.created", "refund.failed", "refund.succeeded");

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundIssuing issuing;

    @Autowired
    RefundBooking booking;

    @Autowired
    Clearing clearing;

    @Autowired
    Payments payments;

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    RefundFixture books;
    CardGatewayStandIn gateway;

    @BeforeEach
    void openHospital() {
        books = new RefundFixture(context);
        gateway = new CardGatewayStandIn(directory.resolve("gateway.json")).confirmAfter(Duration.ofHours(1));
        gateway.start(TestServices.partnerPort());
    }

    @AfterEach
    void closeGateway() {
        gateway.close();
    }

    @Test
    void b2_everyOrderOfTheGatewaysEventsEndsTheSame() {
        for (List<String> order : permutations(EVENTS)) {
            String transaction = "ch_" + UUID.randomUUID();
            UUID refund = issued(transaction);
            Booked booked = gateway.refundsOf(transaction).getFirst();
            gateway.setState(booked.key(), "succeeded", null);
            send(order, booked);

            // what the process does when it is told
            assertThat(books.hospital.call(() -> issuing.issue(refund)).answer())
                    .as("after %s", order)
                    .isEqualTo(RefundIssuing.GatewayAnswer.CONFIRMED);
            books.hospital.run(() -> booking.complete(refund));
            send(order.reversed(), booked);

            assertThat(books.refund(refund).status()).as("after %s", order).isEqualTo(RefundStatus.COMPLETED);
            assertThat(gateway.refundsOf(transaction)).hasSize(1);
            books.hospital.run(() -> {
                assertThat(payments.refundable(books.refund(refund).paymentId()))
                        .isEqualTo(usd("0.00"));
                assertThat(clearing.balance(
                                StandardAccount.CARD_CLEARING, new ClearingReference("gateway-refund", booked.id())))
                        .isEqualTo(usd("-10.00"));
            });
        }
        Invariants.ofTests().hold();
    }

    @Test
    void b2_aRefundThatFailsBetweenItsConfirmationAndItsBookingOwesTheMoneyAgain() {
        String transaction = "ch_" + UUID.randomUUID();
        UUID refund = issued(transaction);
        Booked booked = gateway.refundsOf(transaction).getFirst();
        gateway.setState(booked.key(), "succeeded", null);
        assertThat(books.hospital.call(() -> issuing.issue(refund)).answer())
                .isEqualTo(RefundIssuing.GatewayAnswer.CONFIRMED);
        gateway.setState(booked.key(), "failed", "lost_or_stolen_card");
        send(List.of("refund.failed"), booked);

        // what the process does next
        books.hospital.run(() -> booking.complete(refund));

        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
        assertThat(books.refund(refund).declineCode()).isEqualTo("lost_or_stolen_card");
        books.hospital.run(() -> {
            assertThat(payments.refundable(books.refund(refund).paymentId())).isEqualTo(usd("10.00"));
            assertThat(clearing.balance(
                            StandardAccount.CARD_CLEARING, new ClearingReference("gateway-refund", booked.id())))
                    .isEqualTo(usd("0.00"));
        });
        Invariants.ofTests().hold();
    }

    @Test
    void c9_refundsAndPaymentsOfOneAccountNeverWaitForEachOther() throws Exception {
        List<UUID> refunds = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String transaction = "ch_" + UUID.randomUUID();
            UUID refund = issued(transaction);
            gateway.setState(gateway.refundsOf(transaction).getFirst().key(), "succeeded", null);
            books.hospital.call(() -> issuing.issue(refund));
            refunds.add(refund);
        }
        List<Callable<UUID>> calls = new ArrayList<>();
        for (UUID refund : refunds) {
            calls.add(() -> books.as(Role.BILLING_CLERK, () -> {
                booking.complete(refund);
                return refund;
            }));
            calls.add(() -> books.cardPayment("7.00", "ch_" + UUID.randomUUID()));
        }
        try (var pool = Executors.newFixedThreadPool(16)) {
            for (var call : pool.invokeAll(calls)) {
                call.get();
            }
        }

        assertThat(refunds)
                .allSatisfy(refund -> assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.COMPLETED));
        Invariants.ofTests().hold();
    }

    @Test
    void b7_anIdempotencyKeyBelongsToOneRequest() throws Exception {
        UUID payment = books.cardPayment("300.00", "ch_b7");
        String key = UUID.randomUUID().toString();

        HttpResponse<String> first = request(payment, key, "40.00");
        assertThat(first.statusCode()).isEqualTo(201);
        HttpResponse<String> other = request(payment, key, "41.00");
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(new ObjectMapper().readTree(other.body()).path("code").asText())
                .isEqualTo("idempotency-key-reused");
        HttpResponse<String> again = request(payment, key, "40.00");
        assertThat(again.statusCode()).isEqualTo(201);
        assertThat(again.headers().firstValue("Location"))
                .isEqualTo(first.headers().firstValue("Location"));
        assertThat(amountsOf(payment)).containsExactly(4_000L);
        Invariants.ofTests().hold();
    }

    @Test
    void b8_aKeyWhoseFirstRequestStillRunsHasOneEffect() throws Exception {
        UUID payment = books.cardPayment("300.00", "ch_b8");
        String key = UUID.randomUUID().toString();
        List<Callable<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(() -> request(payment, key, "40.00"));
        }
        try (var pool = Executors.newFixedThreadPool(calls.size())) {
            for (var answer : pool.invokeAll(calls)) {
                assertThat(answer.get().statusCode()).isEqualTo(201);
            }
        }
        assertThat(amountsOf(payment)).containsExactly(4_000L);
        Invariants.ofTests().hold();
    }

    private UUID issued(String transaction) {
        gateway.behave(transaction, Behaviour.STAY_SILENT);
        UUID refund = books.request(books.cardPayment("10.00", transaction), "10.00");
        books.ruleAnswers(refund);
        assertThat(books.hospital.call(() -> issuing.issue(refund)).answer())
                .isEqualTo(RefundIssuing.GatewayAnswer.OPEN);
        return refund;
    }

    /** And waits until all of them are worked through. */
    private void send(List<String> types, Booked refund) {
        for (String type : types) {
            String event =
                    """
                    {"id": "evt_%s", "type": "%s", "livemode": false,
                     "data": {"object": {"id": "%s", "idempotency_key": "%s", "status": "%s"}}}
                    """.formatted(UUID.randomUUID(), type, refund.id(), refund.key(), type.replaceFirst(".*\\.", ""));
            String signature = CardGatewayStandIn.signature(
                    event, Instant.now().getEpochSecond(), LocalSettings.GATEWAY_WEBHOOK_SECRET);
            var answer = TestClient.browser(port)
                    .send(TestClient.browser(port)
                            .request("/billing/payments/webhooks/%s/%s"
                                    .formatted(Gateways.SANDBOX, books.hospital.code()))
                            .header("Content-Type", "application/json")
                            .header("Gateway-Signature", signature)
                            .POST(BodyPublishers.ofString(event)));
            assertThat(answer.statusCode()).isEqualTo(200);
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> superuser()
                                .sql(
                                        "select count(*) from payments_gateway_events where org_id = ? and state = 'received'")
                                .param(books.hospital.id().value())
                                .query(Long.class)
                                .single()
                        == 0);
    }

    private HttpResponse<String> request(UUID payment, String key, String amount) {
        TestClient clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        return clerk.send(clerk.request("/billing/payments/" + payment + "/refund")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString("""
                        {"amount": "%s", "reason": "overpayment", "description": "Paid twice"}
                        """.formatted(amount))));
    }

    private List<Long> amountsOf(UUID payment) {
        return superuser()
                .sql("select refund_amount from billing_refunds where original_payment_id = ?")
                .param(payment)
                .query(Long.class)
                .list();
    }

    private static JdbcClient superuser() {
        return JdbcClient.create(TestServices.postgres().superuser());
    }

    private static <T> List<List<T>> permutations(List<T> items) {
        if (items.isEmpty()) {
            return List.of(List.of());
        }
        List<List<T>> all = new ArrayList<>();
        for (T first : items) {
            List<T> rest = new ArrayList<>(items);
            rest.remove(first);
            for (List<T> tail : permutations(rest)) {
                List<T> order = new ArrayList<>();
                order.add(first);
                order.addAll(tail);
                all.add(order);
            }
        }
        return all;
    }
}
