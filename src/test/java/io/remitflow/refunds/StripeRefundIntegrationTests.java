package io.remitflow.refunds;

import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.stripe.net.Webhook;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyFilter;
import io.remitflow.discrepancies.DiscrepancyType;
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
import io.remitflow.payments.CardGateway.GatewayRefund;
import io.remitflow.payments.CardGateway.GatewayState;
import io.remitflow.payments.CardGateway.RefundOrder;
import io.remitflow.payments.CardGateways;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.RefundIssuing.GatewayAnswer;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.joda.money.Money;
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
    Refunds refunds;

    @Autowired
    RefundApprovals approvals;

    @Autowired
    RefundQuestions questions;

    @Autowired
    GatewayAttempts attempts;

    @Autowired
    Discrepancies discrepancies;

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
    void i1_whileTheGatewayCannotBeAskedNothingIsSentAgain() {
        stripe.mood(intent, Mood.RATE_LIMIT);
        UUID refund = approvedRefund("40.00");
        long started = System.nanoTime();
        RefundIssuing.Issued first = issue(refund);
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        stripe.failReads(20);

        assertThat(issue(refund)).isEqualTo(first);

        assertThat(first.answer()).isEqualTo(GatewayAnswer.OPEN);
        assertThat(stripe.sendings(first.key())).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .as("asking again has an end, too")
                .isLessThan(Duration.ofSeconds(20));
        stripe.failReads(0);
        assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.CONFIRMED);
        assertThat(stripe.sendings(first.key())).isEqualTo(2);
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
            hear(key);
            assertThat(payments.refundable(books.refund(refund).paymentId())).isEqualTo(usd("100.00"));
        });
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
        Invariants.ofTests().hold();
    }

    @Test
    void aFailureThatIsReportedWhileTheSuccessIsNotCommittedTakesTheRefundBack() throws Exception {
        stripe.mood(intent, Mood.RATE_LIMIT);
        UUID refund = approvedRefund("40.00");
        String key = issue(refund).key();
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        var succeeded = new CountDownLatch(1);
        var failureIsHeard = new CountDownLatch(1);

        try (var pool = Executors.newFixedThreadPool(2)) {
            Future<?> success = pool.submit(() -> books.hospital.run(() -> transactions.executeWithoutResult(status -> {
                assertThat(issuing.issue(refund).answer()).isEqualTo(GatewayAnswer.CONFIRMED);
                succeeded.countDown();
                await(failureIsHeard);
            })));
            await(succeeded);
            stripe.setStatus(intent, "failed", "lost_or_stolen_card");
            Future<?> failure = pool.submit(() -> books.hospital.run(() -> hear(key)));
            assertThatExceptionOfType(TimeoutException.class)
                    .as("the report waits for the transaction of the success")
                    .isThrownBy(() -> failure.get(2, TimeUnit.SECONDS));
            failureIsHeard.countDown();
            success.get(30, TimeUnit.SECONDS);
            failure.get(30, TimeUnit.SECONDS);
        }

        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
        books.hospital.run(() -> booking.complete(refund));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
        assertThat(refundableOfPaymentOf(refund)).isEqualTo(usd("100.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void aSuccessThatIsOlderThanTheFailureIsNotBookedAfterIt() {
        stripe.mood(intent, Mood.RATE_LIMIT);
        UUID refund = approvedRefund("40.00");
        String key = issue(refund).key();
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        // What a call brings back whose thread is held up before it writes it down.
        GatewayAttempts.Attempt attempt = attemptOf(key);
        Optional<GatewayRefund> slow = books.hospital.call(() -> Optional.of(cardGateways.refund(order(key, "40.00"))));
        assertThat(slow.orElseThrow().state()).isEqualTo(GatewayState.SUCCEEDED);

        stripe.setStatus(intent, "failed", "lost_or_stolen_card");
        books.hospital.run(() -> hear(key));

        assertThat(books.hospital.call(() -> issuing.settle(attempt, slow)).answer())
                .isEqualTo(GatewayAnswer.DECLINED);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.FAILED);
        assertThat(books.refund(refund).declineCode()).isEqualTo("lost_or_stolen_card");
        Invariants.ofTests().hold();
    }

    @Test
    void d9_aRefundThatTheGatewayBooksAfterItWasCancelledIsACaseAtOnceAndOnlyOnce() throws Exception {
        UUID refund = givenUp("40.00");
        String key = "refund-" + refund + "-1";
        books.as(Role.BILLING_CLERK, () -> {
            refunds.cancel(refund, "Asked for by mistake");
            return refund;
        });
        assertThat(refundableOfPaymentOf(refund)).isEqualTo(usd("100.00"));

        arriveLate(key, "40.00");
        String event = reported(key);
        report(event);
        assertThat(lateRefunds()).singleElement().satisfies(one -> {
            assertThat(one.type()).isEqualTo(DiscrepancyType.MISSING_INTERNAL_RECORD);
            assertThat(one.difference()).isEqualTo(usd("40.00"));
            assertThat(one.subjectId()).isEqualTo(refund);
        });
        report(event);
        report(reported(key));

        assertThat(lateRefunds()).hasSize(1);
        assertThat(outbox("discrepancies.found")).as("its process starts once").isEqualTo(1);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.CANCELLED);
        assertThat(refundableOfPaymentOf(refund))
                .as("what has left cannot be refunded again")
                .isEqualTo(usd("60.00"));
        assertThat(books.hospital.call(() -> questions.unsettled(Instant.now().plusSeconds(60), 10)))
                .isEmpty();

        stripe.setStatus(intent, "failed", "lost_or_stolen_card");
        report(reported(key));
        assertThat(lateRefunds()).isEmpty();
        assertThat(refundableOfPaymentOf(refund)).isEqualTo(usd("100.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void d9_whatTheGatewayBooksAfterARejectionIsFoundThoughItsReportIsLost() {
        UUID refund = givenUp("40.00");
        books.decide(Role.BILLING_MANAGER, refund, false);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.REJECTED);
        assertThat(books.hospital.call(() -> questions.ask(refund))).isFalse();
        assertThat(lateRefunds()).isEmpty();

        arriveLate("refund-" + refund + "-1", "40.00");

        assertThat(books.hospital.call(() -> questions.unsettled(Instant.now().plusSeconds(60), 10)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> questions.ask(refund))).isTrue();
        assertThat(lateRefunds()).hasSize(1);
        assertThat(stripe.refundsOf(intent)).hasSize(1);
    }

    @Test
    void d9_whatTheGatewayBooksWhileItWaitsForApprovalIsShownAndTakenOverByTheApproval() throws Exception {
        UUID refund = givenUp("40.00");
        String key = "refund-" + refund + "-1";
        arriveLate(key, "40.00");

        report(reported(key));

        assertThat(lateRefunds()).hasSize(1);
        assertThat(books.refund(refund).holdReason()).contains("The gateway has booked 40.00 of this refund after all");
        books.ruleAnswers(refund, Role.BILLING_MANAGER.key());
        books.decide(Role.BILLING_MANAGER, refund, true);
        assertThat(issue(refund)).isEqualTo(new RefundIssuing.Issued(GatewayAnswer.CONFIRMED, key));
        books.hospital.run(() -> booking.complete(refund));
        assertThat(lateRefunds()).as("the books have it now").isEmpty();
        assertThat(stripe.refundsOf(intent)).hasSize(1);
        assertThat(refundableOfPaymentOf(refund)).isEqualTo(usd("60.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void d9_aDeclinedRefundThatTheGatewayBooksAfterAllDoesNotGoOutByCheckUnseen() throws Exception {
        UUID refund = approvedRefund("40.00");
        String key = issue(refund).key();
        stripe.setStatus(intent, "failed", "lost_or_stolen_card");
        assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.DECLINED);

        stripe.setStatus(intent, "succeeded", null);
        report(reported(key));

        assertThat(lateRefunds()).hasSize(1);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.FAILED);
        assertThat(books.refund(refund).holdReason()).contains("The gateway has booked 40.00");
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

    /** Sent without an answer, not found at the gateway, and back with its approvers because somebody else took the money. */
    private UUID givenUp(String amount) {
        stripe.mood(intent, Mood.RATE_LIMIT);
        UUID refund = approvedRefund(amount);
        assertThat(issue(refund).answer()).isEqualTo(GatewayAnswer.OPEN);
        books.hospital.run(() -> approvals.fellShort(refund));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        return refund;
    }

    /** The call that had seemed lost. */
    private void arriveLate(String key, String amount) {
        books.hospital.call(() -> cardGateways.refund(order(key, amount)));
    }

    private RefundOrder order(String key, String amount) {
        return new RefundOrder(Gateways.STRIPE, key, intent, usd(amount));
    }

    private GatewayAttempts.Attempt attemptOf(String key) {
        return books.hospital
                .call(() -> transactions.execute(status -> attempts.ofKey(key)))
                .orElseThrow();
    }

    /** In the current organization, as the processing of an event does. */
    private void hear(String key) {
        Runnable effect = issuing.refundMayHaveChanged(Gateways.STRIPE, key).orElseThrow();
        transactions.executeWithoutResult(status -> effect.run());
    }

    private String reported(String key) {
        return stripe.event(
                "refund.updated",
                Map.of(
                        "id",
                        String.valueOf(stripe.refundsOf(intent).getFirst().get("id")),
                        "metadata",
                        Map.of("remitflow_key", key)));
    }

    private void report(String event) throws Exception {
        assertThat(post(
                        event,
                        Webhook.Signature.generateSignatureHeader(
                                event,
                                StripeStandIn.WEBHOOK_SECRET,
                                Instant.now().getEpochSecond())))
                .isEqualTo(200);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> superuser()
                                .sql(
                                        "select count(*) from payments_gateway_events where org_id = ? and state = 'received'")
                                .param(books.hospital.id().value())
                                .query(Long.class)
                                .single()
                        == 0);
    }

    private List<Discrepancy> lateRefunds() {
        return books.hospital.call(() -> discrepancies.list(DiscrepancyFilter.open())).stream()
                .filter(one -> one.subjectType().equals(LateRefunds.SUBJECT))
                .toList();
    }

    private Money refundableOfPaymentOf(UUID refund) {
        return books.hospital.call(() -> refunds.refundable(books.refund(refund).paymentId()));
    }

    private long outbox(String message) {
        return superuser()
                .sql("select count(*) from workflow_outbox where org_id = ? and message_name = ?")
                .params(books.hospital.id().value(), message)
                .query(Long.class)
                .single();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
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
        superuser()
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
        return superuser()
                .sql("select count(*) from payments_gateway_events where org_id = ?")
                .param(books.hospital.id().value())
                .query(Long.class)
                .single();
    }

    private static JdbcClient superuser() {
        return JdbcClient.create(TestServices.postgres().superuser());
    }
}
