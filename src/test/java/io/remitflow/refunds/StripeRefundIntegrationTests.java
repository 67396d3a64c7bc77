package io.remitflow.refunds;

import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.stripe.net.Webhook;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.ImpatientBooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.Ports;
import io.remitflow.local.StripeStandIn;
import io.remitflow.local.StripeStandIn.Mood;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.CardGateways;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.RefundIssuing.GatewayAnswer;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Refunds through Stripe's own protocol, spoken by the official client with a stand-in that has Stripe's moods. */
@ImpatientBooksTest
class StripeRefundIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundIssuing issuing;

    @Autowired
    RefundBooking booking;

    @Autowired
    Payments payments;

    @Autowired
    Clearing clearing;

    @Autowired
    CardGateways cardGateways;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    RefundFixture books;
    StripeStandIn stripe;
    int stripePort;
    String intent = "pi_" + UUID.randomUUID().toString().replace("-", "");

    @BeforeEach
    void openStripe() {
        stripePort = Ports.free();
        books = new RefundFixture(context);
        connect(books.hospital, stripePort, StripeStandIn.WEBHOOK_SECRET);
        stripe = new StripeStandIn(null).confirmAfter(Duration.ofHours(1));
        stripe.start(stripePort);
    }

    @AfterEach
    void closeStripe() {
        stripe.close();
    }

    @Test
    void aRefundThatStripeConfirmsIsBookedAgainstItsReference() {
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        UUID refund = approvedRefund("40.00");

        assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.CONFIRMED);
        books.hospital.run(() -> booking.complete(refund));

        String stripeId = String.valueOf(stripe.refundsOf(intent).getFirst().get("id"));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.COMPLETED);
        books.hospital.run(() -> assertThat(clearing.balance(
                        StandardAccount.CARD_CLEARING, new ClearingReference("gateway-refund", stripeId)))
                .isEqualTo(usd("-40.00")));
        Invariants.ofTests().hold();
    }

    @ParameterizedTest
    @EnumSource(
            value = Mood.class,
            names = {"BOOK_AND_FAIL", "BOOK_AND_STAY_SILENT", "BOOK_AND_GARBLE", "BOOK_AND_FLOOD", "BOOK_AND_DRIP"})
    void i1_anUnknownOutcomeIsAskedForByKeyAndNeverSentAgain(Mood mood) {
        stripe.mood(intent, mood);
        UUID refund = approvedRefund("40.00");
        long started = System.nanoTime();

        RefundIssuing.Issued first = issue(refund);

        assertThat(first.answer()).isEqualTo(GatewayAnswer.OPEN);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
        stripe.calm(intent);
        stripe.setStatus(intent, "succeeded", null);
        assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.CONFIRMED);
        assertThat(stripe.sendings(first.key())).isEqualTo(1);
        assertThat(stripe.refundsOf(intent)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mood.class,
            names = {"RATE_LIMIT", "CONFLICT"})
    void i1_whatWasNotBookedIsSentAgainUnderTheSameKey(Mood mood) {
        stripe.mood(intent, mood);
        UUID refund = approvedRefund("40.00");

        RefundIssuing.Issued first = issue(refund);

        assertThat(first.answer()).isEqualTo(GatewayAnswer.OPEN);
        assertThat(stripe.refundsOf(intent)).isEmpty();
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        assertThat(issue(refund)).isEqualTo(new RefundIssuing.Issued(GatewayAnswer.CONFIRMED, first.key()));
        assertThat(stripe.refundsOf(intent)).hasSize(1);
    }

    @Test
    void i1_whoCannotProveToBeTheGatewayIsSentNothing() {
        UUID refund = approvedRefund("40.00");
        var impostor = new WireMockServer(wireMockConfig().dynamicPort().dynamicHttpsPort());
        impostor.start();
        RefundIssuing.Issued first;
        try {
            stripeIsAt("https://localhost:" + impostor.httpsPort());
            first = issue(refund);
            assertThat(impostor.getAllServeEvents()).isEmpty();
        } finally {
            impostor.stop();
        }
        assertThat(first.answer()).isEqualTo(GatewayAnswer.OPEN);

        // and a port behind which nobody speaks TLS
        stripeIsAt("https://127.0.0.1:" + stripePort);
        assertThat(issue(refund)).isEqualTo(first);
        assertThat(stripe.refundsOf(intent)).isEmpty();

        stripeIsAt("http://127.0.0.1:" + stripePort);
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        assertThat(issue(refund)).isEqualTo(new RefundIssuing.Issued(GatewayAnswer.CONFIRMED, first.key()));
        assertThat(stripe.sendings(first.key())).isEqualTo(1);
    }

    @Test
    void i1_aGatewayThatOnlyFailsIsLeftAlone() {
        UUID refund = approvedRefund("40.00");
        stripe.deaf(true);
        for (int i = 0; i < 6; i++) {
            assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.OPEN);
        }
        int calls = stripe.calls();

        assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.OPEN);

        assertThat(stripe.calls()).isEqualTo(calls);
        assertThat(books.hospital.call(() -> cardGateways.leftAlone(Gateways.STRIPE)))
                .isTrue();
        assertThat(books.hospital.call(() -> cardGateways.leftAlone(Gateways.SANDBOX)))
                .isFalse();
    }

    @Test
    void aCardThatCannotTakeMoneyBackDeclines() {
        stripe.mood(intent, Mood.CARD_ERROR);
        UUID refund = approvedRefund("40.00");

        assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.DECLINED);
        assertThat(books.refund(refund).declineCode()).isEqualTo("expired_or_canceled_card");
    }

    @Test
    void aRefundThatFailsAfterItSucceededOwesTheMoneyAgain() {
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        UUID refund = approvedRefund("40.00");
        String key = issue(refund).key();
        books.hospital.run(() -> booking.complete(refund));

        stripe.setStatus(intent, "failed", "lost_or_stolen_card");
        books.hospital.run(() -> {
            Boolean ours = transactions.execute(status -> issuing.refundMayHaveChanged(Gateways.STRIPE, key));
            assertThat(ours).isEqualTo(true);
            assertThat(payments.refundable(books.refund(refund).paymentId())).isEqualTo(usd("100.00"));
        });
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
        Invariants.ofTests().hold();
    }

    @Test
    void b4_stripesOwnSignatureIsAcceptedAndNothingElse() throws Exception {
        String event =
                stripe.event("refund.updated", Map.of("id", "re_1", "metadata", Map.of("remitflow_key", "none")));
        long now = Instant.now().getEpochSecond();
        String genuine = Webhook.Signature.generateSignatureHeader(event, StripeStandIn.WEBHOOK_SECRET, now);

        assertThat(post(event.replace("re_1", "re_2"), genuine)).isEqualTo(400);
        assertThat(post(
                        event,
                        Webhook.Signature.generateSignatureHeader(event, StripeStandIn.WEBHOOK_SECRET, now - 360)))
                .isEqualTo(400);
        assertThat(post(
                        event,
                        Webhook.Signature.generateSignatureHeader(event, StripeStandIn.WEBHOOK_SECRET, now + 360)))
                .isEqualTo(400);
        assertThat(post(event, genuine)).isEqualTo(200);
        assertThat(post(event, genuine)).isEqualTo(200);
        assertThat(events()).isEqualTo(1);
    }

    @Test
    void e12_theSecretOfOneHospitalOpensNothingAtAnother() throws Exception {
        TestHospital other = TestHospital.create(context);
        connect(other, Ports.CLOSED, "whsec_of_the_other");
        String event = stripe.event("refund.updated", Map.of("id", "re_1"));

        assertThat(post(
                        event,
                        Webhook.Signature.generateSignatureHeader(
                                event, "whsec_of_the_other", Instant.now().getEpochSecond())))
                .isEqualTo(400);
        assertThat(events()).isZero();
    }

    private UUID approvedRefund(String amount) {
        UUID payment = books.as(
                Role.BILLING_CLERK,
                () -> payments.record(NewPayment.card(
                        books.account, null, RefundFixture.today(), usd("100.00"), "4242", Gateways.STRIPE, intent)));
        UUID refund = books.request(payment, amount);
        books.ruleAnswers(refund);
        return refund;
    }

    private RefundIssuing.Issued issue(UUID refund) {
        return books.hospital.call(() -> issuing.issue(refund));
    }

    private void connect(TestHospital hospital, int stripePort, String secret) {
        hospital.run(() -> context.getBean(Gateways.class)
                .register(
                        Gateways.STRIPE,
                        "Stripe",
                        URI.create("http://127.0.0.1:" + stripePort),
                        StripeStandIn.API_KEY,
                        secret,
                        true));
    }

    private void stripeIsAt(String address) {
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update billing_payment_gateways set base_url = ? where org_id = ? and gateway_provider = ?")
                .params(address, books.hospital.id().value(), Gateways.STRIPE)
                .update();
    }

    private int post(String event, String signature) {
        TestClient stranger = TestClient.browser(port);
        return stranger.send(stranger.request("/billing/payments/webhooks/stripe/" + books.hospital.code())
                        .header("Content-Type", "application/json")
                        .header("Stripe-Signature", signature)
                        .POST(BodyPublishers.ofString(event)))
                .statusCode();
    }

    private long events() {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("select count(*) from payments_gateway_events where org_id = ?")
                .param(books.hospital.id().value())
                .query(Long.class)
                .single();
    }
}
