package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.Ports;
import io.remitflow.local.StripeStandIn;
import io.remitflow.local.StripeStandIn.Mood;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Disputes;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.RefundIssuing.GatewayAnswer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The same money wanted twice: by a refund and by the cardholder's bank. */
@BooksTest
class DisputedRefundsIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Payments payments;

    @Autowired
    Disputes disputes;

    @Autowired
    RefundIssuing issuing;

    @Autowired
    RefundBooking booking;

    @Autowired
    RefundQuestions questions;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    ChartOfAccounts chart;

    @LocalServerPort
    int port;

    RefundFixture books;
    StripeStandIn stripe;

    @BeforeEach
    void openStripe() {
        int stripePort = Ports.free();
        books = new RefundFixture(context);
        books.hospital.run(() -> context.getBean(Gateways.class)
                .register(
                        Gateways.STRIPE,
                        "Stripe",
                        URI.create("http://127.0.0.1:" + stripePort),
                        StripeStandIn.API_KEY,
                        StripeStandIn.WEBHOOK_SECRET,
                        true));
        stripe = new StripeStandIn(null)
                .confirmAfter(Duration.ofHours(1))
                .reportTo(URI.create("http://127.0.0.1:%d/billing/payments/webhooks/stripe/%s"
                        .formatted(port, books.hospital.code())));
        stripe.start(stripePort);
    }

    @AfterEach
    void closeStripe() {
        stripe.close();
    }

    @Test
    void c5_aRefundThatNoLongerFitsBesideADisputeIsHeldBack() {
        String intent = intent();
        UUID payment = paid("100.00", intent, "1881");
        UUID small = approved(payment, "30.00");
        UUID large = approved(payment, "60.00");

        stripe.dispute(intent, 6_000, "needs_response", "fraudulent");
        awaitWorked();

        assertThat(books.refund(small).holdReason()).isNull();
        assertThat(books.refund(large).holdReason()).contains("The cardholder disputes 60.00");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.run(() -> issuing.issue(large)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REFUND_EXCEEDS_PAYMENT));
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        assertThat(books.hospital.call(() -> issuing.issue(small)).answer()).isEqualTo(GatewayAnswer.CONFIRMED);
        books.hospital.run(() -> booking.complete(small));
        assertThat(payment(payment).refundable()).isEqualTo(usd("10.00"));
        assertThat(overdrawn(payment)).isEqualTo(usd("0.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void c5_aRefundThatNeverReachedTheGatewayIsNotSentAfterADispute() {
        String intent = intent();
        UUID payment = paid("100.00", intent, "1992");
        stripe.mood(intent, Mood.RATE_LIMIT);
        UUID refund = approved(payment, "60.00");
        assertThat(books.hospital.call(() -> issuing.issue(refund)).answer()).isEqualTo(GatewayAnswer.OPEN);

        stripe.dispute(intent, 6_000, "needs_response", "fraudulent");
        awaitWorked();
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.run(() -> issuing.issue(refund)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REFUND_EXCEEDS_PAYMENT));
        assertThat(books.hospital.call(() -> questions.ask(refund)))
                .as("whoever asks for it sends nothing either")
                .isTrue();
        assertThat(stripe.refundsOf(intent)).isEmpty();
        assertThat(superuser()
                        .sql(
                                "select count(*) from workflow_outbox where org_id = ? and message_name = 'refunds.gateway-confirmed'")
                        .param(books.hospital.id().value())
                        .query(Long.class)
                        .single())
                .as("the process takes it to its approvers")
                .isEqualTo(1);
        Invariants.ofTests().hold();
    }

    @Test
    void c5_noRefundIsRequestedOfDisputedMoney() {
        String intent = intent();
        UUID payment = paid("100.00", intent, "1117");
        stripe.dispute(intent, 7_500, "needs_response", "fraudulent");
        awaitWorked();

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.request(payment, "25.01"))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REFUND_EXCEEDS_PAYMENT));
        assertThat(books.request(payment, "25.00")).isNotNull();
    }

    @Test
    void c5_aRefundThatHadLeftBeforeTheDisputeIsShownAsPaidTwice() {
        String intent = intent();
        UUID payment = paid("100.00", intent, "3220");
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        UUID refund = approved(payment, "100.00");
        assertThat(books.hospital.call(() -> issuing.issue(refund)).answer()).isEqualTo(GatewayAnswer.CONFIRMED);

        String dispute = stripe.dispute(intent, 10_000, "needs_response", "fraudulent");
        stripe.withdraw(dispute, 10_000, 1_500);
        awaitWorked();
        books.hospital.run(() -> booking.complete(refund));

        assertThat(payment(payment).refunded()).isEqualTo(usd("100.00"));
        assertThat(payment(payment).disputed()).isEqualTo(usd("0.00"));
        assertThat(overdrawn(payment)).isEqualTo(usd("100.00"));
        TestClient clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/payments/" + payment).body()).contains("100.00 went out twice");

        stripe.decide(dispute, "lost");
        awaitWorked();
        assertThat(balance()).as("the patient has the money twice").isEqualTo(usd("100.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void c5_aDisputeOfMoneyThatWasRefundedBeforeIsShownAsPaidTwice() {
        String intent = intent();
        UUID payment = paid("100.00", intent, "9424");
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        UUID refund = approved(payment, "80.00");
        books.hospital.run(() -> issuing.issue(refund));
        books.hospital.run(() -> booking.complete(refund));

        String dispute = stripe.dispute(intent, 10_000, "needs_response", "duplicate");
        stripe.withdraw(dispute, 10_000, 1_500);
        awaitWorked();

        assertThat(payment(payment).disputed()).isEqualTo(usd("20.00"));
        assertThat(payment(payment).refundable()).isEqualTo(usd("0.00"));
        assertThat(overdrawn(payment)).isEqualTo(usd("80.00"));
        stripe.decide(dispute, "won");
        stripe.reinstate(dispute, 10_000);
        awaitWorked();
        assertThat(overdrawn(payment)).isEqualTo(usd("0.00"));
        assertThat(payment(payment).refundable()).isEqualTo(usd("20.00"));
        Invariants.ofTests().hold();
    }

    @RepeatedTest(5)
    void c5_aRefundAndADisputeAtTheSameInstantNeverTakeMoreThanWasPaidUnseen() throws Exception {
        String intent = intent();
        UUID payment = paid("100.00", intent, "5904");
        stripe.mood(intent, Mood.SUCCEED_AT_ONCE);
        UUID refund = approved(payment, "100.00");
        Callable<Boolean> refunding = () -> {
            try {
                boolean left = books.hospital.call(() -> issuing.issue(refund)).answer() == GatewayAnswer.CONFIRMED;
                books.hospital.run(() -> booking.complete(refund));
                return left;
            } catch (RuleViolation refused) {
                return false;
            }
        };
        Callable<Boolean> disputing = () -> {
            stripe.withdraw(stripe.dispute(intent, 10_000, "needs_response", "fraudulent"), 10_000, 1_500);
            return true;
        };
        boolean refunded;
        try (var pool = Executors.newFixedThreadPool(2)) {
            refunded = pool.invokeAll(List.of(refunding, disputing)).getFirst().get();
        }
        awaitWorked();

        Payment after = payment(payment);
        assertThat(after.refunded().plus(after.disputed())).isEqualTo(usd("100.00"));
        assertThat(overdrawn(payment)).isEqualTo(refunded ? usd("100.00") : usd("0.00"));
        assertThat(stripe.refundsOf(intent)).hasSize(refunded ? 1 : 0);
        Invariants.ofTests().hold();
    }

    @Test
    void t2_chargesRefundAndDisputeLeaveThePayoutAndTheFeesOfTheChargesInClearing() {
        String first = intent();
        String second = intent();
        paid("100.00", first, "0101");
        UUID refunded = paid("250.00", second, "0202");
        stripe.mood(second, Mood.SUCCEED_AT_ONCE);
        UUID refund = approved(refunded, "40.00");
        books.hospital.run(() -> issuing.issue(refund));
        books.hospital.run(() -> booking.complete(refund));
        String dispute = stripe.dispute(first, 10_000, "needs_response", "fraudulent");
        stripe.withdraw(dispute, 10_000, 1_500);
        stripe.decide(dispute, "lost");
        awaitWorked();

        Money payout = usd("184.25");
        Money feesOfTheCharges = usd("3.20").plus(usd("7.55"));
        assertThat(ledger(StandardAccount.CARD_CLEARING)).isEqualTo(payout.plus(feesOfTheCharges));
        assertThat(ledger(StandardAccount.MERCHANT_FEES).plus(feesOfTheCharges)).isEqualTo(usd("25.75"));
        assertThat(ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("-350.00").plus(usd("140.00")));
        assertThat(ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("0.00"));
    }

    @Test
    void i1_aRefundWithoutAnAnswerIsAskedForAndItsProcessGoesOn() {
        String intent = intent();
        UUID payment = paid("50.00", intent, "6677");
        stripe.mood(intent, Mood.BOOK_AND_FAIL);
        UUID refund = approved(payment, "50.00");
        assertThat(books.hospital.call(() -> issuing.issue(refund)).answer()).isEqualTo(GatewayAnswer.OPEN);
        stripe.calm(intent);
        var before = Instant.now().plusSeconds(60);
        assertThat(books.hospital.call(() -> questions.unsettled(before, 10)))
                .singleElement()
                .satisfies(what ->
                        assertThat(what.number()).isEqualTo(books.refund(refund).number()));

        assertThat(books.hospital.call(() -> questions.ask(refund))).isFalse();
        stripe.setStatus(intent, "succeeded", null);
        assertThat(books.hospital.call(() -> questions.ask(refund))).isTrue();
        assertThat(books.hospital.call(() -> questions.ask(refund))).isTrue();

        assertThat(books.refund(refund).gatewayRefundId()).startsWith("re_");
        assertThat(stripe.refundsOf(intent)).hasSize(1);
        assertThat(superuser()
                        .sql(
                                "select count(*) from workflow_outbox where org_id = ? and message_name = 'refunds.gateway-confirmed'")
                        .param(books.hospital.id().value())
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        assertThat(books.hospital.call(() -> questions.unsettled(before, 10))).isEmpty();
    }

    private UUID paid(String amount, String intent, String last4) {
        return books.as(
                Role.BILLING_CLERK,
                () -> payments.record(NewPayment.card(
                        books.account, null, RefundFixture.today(), usd(amount), last4, Gateways.STRIPE, intent)));
    }

    private UUID approved(UUID payment, String amount) {
        UUID refund = books.request(payment, amount);
        books.ruleAnswers(refund);
        return refund;
    }

    private Payment payment(UUID id) {
        return books.hospital.call(() -> payments.get(id));
    }

    private Money overdrawn(UUID payment) {
        return books.hospital.call(() -> disputes.overdrawn(payment));
    }

    private Money balance() {
        return books.hospital.call(() -> accounts.get(books.account).balance());
    }

    private Money ledger(StandardAccount account) {
        return books.hospital.call(() -> chart.get(account).balance());
    }

    private static String intent() {
        return "pi_" + UUID.randomUUID().toString().replace("-", "");
    }

    private void awaitWorked() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> superuser()
                                .sql(
                                        "select count(*) from payments_gateway_events where org_id = ? and state = 'received'")
                                .param(books.hospital.id().value())
                                .query(Long.class)
                                .single()
                        == 0);
    }

    private static JdbcClient superuser() {
        return JdbcClient.create(TestServices.postgres().superuser());
    }
}
