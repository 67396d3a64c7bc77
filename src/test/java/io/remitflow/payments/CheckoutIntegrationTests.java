package io.remitflow.payments;

import static io.remitflow.payments.StripeBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.ImpatientBooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.StripeStandIn.Mood;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Payments that patients make at Stripe, through its own protocol. */
@ImpatientBooksTest
class CheckoutIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Checkouts checkouts;

    @Autowired
    Payments payments;

    @Autowired
    GatewayEvents events;

    @LocalServerPort
    int port;

    StripeBooks books;

    @BeforeEach
    void openStripe() {
        books = new StripeBooks(context, port);
    }

    @AfterEach
    void closeStripe() {
        books.close();
    }

    @Test
    void aPaymentThatThePatientMakesIsPostedWhenStripeHasTheMoney() {
        Checkout checkout = books.checkout("61.20");
        assertThat(checkout.status()).isEqualTo(CheckoutStatus.OPEN);
        assertThat(books.balance()).isEqualTo(usd("0.00"));
        assertThat(books.object(checkout).get("metadata"))
                .isEqualTo(Map.of(
                        "remitflow_key", checkout.idempotencyKey(), "remitflow_account", books.account.toString()));

        books.stripe.pay(intent(checkout), 6_120, "0341");
        books.awaitWorked();

        Checkout paid = books.again(checkout);
        assertThat(paid.status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        Payment payment = books.hospital.call(() -> payments.get(Objects.requireNonNull(paid.paymentId())));
        assertThat(payment.cardLast4()).isEqualTo("0341");
        assertThat(payment.method()).isEqualTo(PaymentMethod.CREDIT_CARD);
        assertThat(payment.viaGateway()).isTrue();
        assertThat(books.balance()).isEqualTo(usd("-61.20"));
        assertThat(books.clearing(StandardAccount.CARD_CLEARING, "gateway-payment", intent(checkout)))
                .isEqualTo(usd("61.20"));
        assertThat(books.events()).containsExactly("payment_intent.succeeded processed");
        Invariants.ofTests().hold();
    }

    @Test
    void b1_theSameReportManyTimesAtOnceIsOnePayment() throws Exception {
        Checkout checkout = books.checkout("12.34");
        books.stripe.quiet(true);
        books.stripe.pay(intent(checkout));
        List<Callable<Integer>> calls = IntStream.range(0, 40)
                .mapToObj(i -> books.stripe.event("payment_intent.succeeded", books.object(checkout)))
                .flatMap(event -> Stream.of(event, event))
                .map(event -> (Callable<Integer>) () -> books.report(event))
                .toList();
        try (var pool = Executors.newFixedThreadPool(16)) {
            for (var answer : pool.invokeAll(calls)) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
        books.awaitWorked();

        assertThat(books.count("payments_gateway_events")).isEqualTo(40);
        assertThat(books.count("billing_payments")).isEqualTo(1);
        assertThat(books.balance()).isEqualTo(usd("-12.34"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void b2_m7_reportsInAnyOrderLeadToTheSameEnd(long seed) {
        Checkout checkout = books.checkout("80.00");
        books.stripe.quiet(true);
        List<String> reports = new ArrayList<>();
        books.stripe.failToPay(intent(checkout), "card_declined");
        reports.add(books.stripe.event("payment_intent.payment_failed", Map.copyOf(books.object(checkout))));
        reports.add(books.stripe.event("payment_intent.processing", Map.copyOf(books.object(checkout))));
        books.stripe.pay(intent(checkout));
        reports.add(books.stripe.event("payment_intent.succeeded", Map.copyOf(books.object(checkout))));
        reports.add(books.stripe.event("payment_intent.succeeded", Map.copyOf(books.object(checkout))));
        Collections.shuffle(reports, new Random(seed));

        reports.forEach(event -> assertThat(books.report(event)).isEqualTo(200));
        books.awaitWorked();

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        assertThat(books.balance()).isEqualTo(usd("-80.00"));
        assertThat(books.count("billing_payments")).isEqualTo(1);
        assertThat(books.events()).hasSize(4).allMatch(event -> event.endsWith(" processed"));
    }

    @Test
    void b2_anAnswerThatIsOlderThanTheEndChangesNothing() {
        Checkout checkout = books.checkout("80.00");
        var late = books.hospital.call(() -> checkouts.reported(Gateways.STRIPE, intent(checkout)));
        books.stripe.pay(intent(checkout));
        books.awaitWorked();

        var transactions = context.getBean(TransactionTemplate.class);
        books.hospital.run(() -> transactions.executeWithoutResult(tx -> late.apply()));

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
    }

    @Test
    void aCardThatIsDeclinedLeavesTheCheckoutOpen() {
        Checkout checkout = books.checkout("33.00");

        books.stripe.failToPay(intent(checkout), "insufficient_funds");
        books.awaitWorked();

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.OPEN);
        assertThat(books.again(checkout).declineCode()).isEqualTo("insufficient_funds");
        books.stripe.pay(intent(checkout));
        books.awaitWorked();
        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        assertThat(books.again(checkout).declineCode()).isNull();
    }

    @Test
    void moneyInAnotherAmountIsRefusedAndShown() {
        Checkout checkout = books.checkout("50.00");

        books.stripe.pay(intent(checkout), 4_000, "0044");
        books.awaitWorked();

        refused(checkout, "40.00 paid instead of 50.00");
    }

    @Test
    void moneyInAnotherCurrencyIsRefusedAndShown() {
        Checkout checkout = books.checkout("50.00");
        books.object(checkout).put("currency", "eur");

        books.stripe.pay(intent(checkout), 5_000, "0055");
        books.awaitWorked();

        refused(checkout, "paid in EUR instead of USD");
    }

    @Test
    void moneyForAnotherAccountIsRefusedAndShown() {
        Checkout checkout = books.checkout("50.00");
        books.object(checkout)
                .put(
                        "metadata",
                        Map.of(
                                "remitflow_key",
                                checkout.idempotencyKey(),
                                "remitflow_account",
                                books.newAccount().toString()));

        books.stripe.pay(intent(checkout));
        books.awaitWorked();

        refused(checkout, "another account");
    }

    @Test
    void b6_i7_aReportOfAnotherModeIsIgnoredAndSettledAtOnce() {
        Checkout checkout = books.checkout("50.00");
        books.stripe.quiet(true);
        books.stripe.pay(intent(checkout));
        String live = books.stripe
                .event("payment_intent.succeeded", books.object(checkout))
                .replace("\"livemode\":false", "\"livemode\":true");

        assertThat(books.report(live)).isEqualTo(200);
        books.hospital.run(() -> events.waiting(10).forEach(events::process));

        assertThat(books.events()).containsExactly("payment_intent.succeeded ignored");
        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.OPEN);
        Invariants.ofTests().hold();
    }

    @Test
    void b6_whatIsNotOursIsUnmatchedAndBelongsToNobody() {
        Checkout checkout = books.checkout("50.00");
        var foreign = books.object(checkout);
        foreign.put("metadata", Map.of("remitflow_key", "checkout-of-somebody-else"));
        books.stripe.pay(intent(checkout));
        books.awaitWorked();
        foreign.put("metadata", Map.of());
        books.stripe.report("payment_intent.succeeded", foreign);
        books.awaitWorked();
        foreign.put("status", "canceled");
        books.stripe.report("payment_intent.canceled", foreign);
        books.stripe.report("payment_intent.succeeded", Map.of("id", "pi_unknown", "object", "payment_intent"));
        books.awaitWorked();

        assertThat(books.events())
                .containsExactlyInAnyOrder(
                        "payment_intent.succeeded unmatched",
                        "payment_intent.succeeded unmatched",
                        "payment_intent.canceled ignored",
                        "payment_intent.succeeded ignored");
        assertThat(books.count("billing_payments")).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = Mood.class,
            names = {"BOOK_AND_FAIL", "BOOK_AND_STAY_SILENT", "BOOK_AND_GARBLE"})
    void i1_anUnknownOutcomeIsLookedForByOurKey(Mood mood) {
        books.stripe.moodOfNext(mood);

        Checkout checkout = books.checkout("27.00");

        assertThat(checkout.status()).isEqualTo(CheckoutStatus.UNKNOWN);
        assertThat(books.hospital.call(() -> checkouts.ask(checkout.id()))).isFalse();
        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.OPEN);
        assertThat(books.stripe.intents()).hasSize(1);
        assertThat(books.stripe.sendings(checkout.idempotencyKey())).isEqualTo(1);
    }

    @Test
    void i1_whatCannotBeFoundYetIsRepeatedUnderTheSameKey() {
        books.stripe.moodOfNext(Mood.BOOK_AND_STAY_SILENT);
        books.stripe.searchLags(true);
        Checkout checkout = books.checkout("27.00");

        books.hospital.run(() -> checkouts.ask(checkout.id()));

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.OPEN);
        assertThat(books.stripe.intents()).hasSize(1);
        assertThat(books.stripe.sendings(checkout.idempotencyKey())).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mood.class,
            names = {"RATE_LIMIT", "CONFLICT"})
    void i1_whatWasNotOpenedIsOpenedLater(Mood mood) {
        books.stripe.moodOfNext(mood);
        Checkout checkout = books.checkout("27.00");
        assertThat(checkout.status()).isEqualTo(CheckoutStatus.UNKNOWN);
        assertThat(books.stripe.intents()).isEmpty();

        books.hospital.run(() -> checkouts.ask(checkout.id()));

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.OPEN);
        assertThat(books.stripe.intents()).hasSize(1);
    }

    @Test
    void aRefusalOfStripeEndsTheCheckout() {
        books.stripe.moodOfNext(Mood.CARD_ERROR);

        Checkout checkout = books.checkout("27.00");

        assertThat(checkout.status()).isEqualTo(CheckoutStatus.DECLINED);
        assertThat(checkout.declineCode()).isEqualTo("expired_or_canceled_card");
    }

    @Test
    void whatStripeForgotIsNotSentAgain() {
        books.stripe.moodOfNext(Mood.RATE_LIMIT);
        Checkout checkout = books.checkout("27.00");
        StripeBooks.superuser()
                .sql("update billing_checkouts set started_at = started_at - interval '2 days' where id = ?")
                .param(checkout.id())
                .update();

        assertThat(books.hospital.call(() -> checkouts.ask(checkout.id()))).isTrue();

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.DECLINED);
        assertThat(books.stripe.intents()).isEmpty();
    }

    @Test
    void aCheckoutIsCancelledUnlessItWasPaidMeanwhile() {
        Checkout unpaid = books.checkout("10.01");
        Checkout paid = books.checkout("10.02");
        books.stripe.quiet(true);
        books.stripe.pay(intent(paid));

        books.hospital.run(() -> {
            checkouts.cancel(unpaid.id());
            checkouts.cancel(paid.id());
        });

        assertThat(books.again(unpaid).status()).isEqualTo(CheckoutStatus.CANCELLED);
        assertThat(books.again(paid).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        assertThat(books.balance()).isEqualTo(usd("-10.02"));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.run(() -> checkouts.cancel(unpaid.id())));
    }

    @Test
    void b7_theSameRequestTwiceIsOneCheckoutAndAnotherContentIsRefused() {
        TestClient desk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        String key = UUID.randomUUID().toString();

        var first = start(desk, key, "25.00");
        var again = start(desk, key, "25.00");

        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(first.body()).contains("\"status\":\"open\"").contains("_secret_");
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(start(desk, key, "26.00").statusCode()).isEqualTo(422);
        assertThat(books.stripe.intents()).hasSize(1);
        var read = desk.get("/billing/checkouts?accountId=" + books.account);
        assertThat(read.body()).contains("\"status\":\"open\"").doesNotContain("_secret_");
    }

    @Test
    void refusesAmountsThatCannotBePaid() {
        TestClient desk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        for (String amount : List.of("0.00", "-5.00", "1.001", "many")) {
            assertThat(start(desk, UUID.randomUUID().toString(), amount).statusCode())
                    .as(amount)
                    .isEqualTo(400);
        }
        assertThat(books.stripe.calls()).isZero();
    }

    @Test
    void pagesShowWhatBecameOfIt() {
        Checkout checkout = books.checkout("50.00");
        books.stripe.pay(intent(checkout), 4_000, "0066");
        Payment payment = books.paid("17.00");
        TestClient clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        assertThat(clerk.get("/app/payments").body()).contains(payment.number(), "17.00");
        assertThat(clerk.get("/app/payments/" + payment.id()).body()).contains("Can be refunded", "Made online");
        assertThat(clerk.get("/app/payments/checkouts?show=refused").body()).contains("40.00 paid instead of 50.00");
        assertThat(clerk.get("/app/payments/checkouts/" + checkout.id()).body())
                .contains("Nothing was posted", "40.00 paid instead of 50.00");
        assertThat(clerk.get("/app/payments/checkouts?show=nonsense").statusCode())
                .isEqualTo(400);
    }

    private HttpResponse<String> start(TestClient desk, String key, String amount) {
        return desk.send(desk.request("/billing/checkouts")
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(
                        "{\"accountId\": \"%s\", \"amount\": \"%s\"}".formatted(books.account, amount))));
    }

    private void refused(Checkout checkout, String reason) {
        Checkout now = books.again(checkout);
        assertThat(now.status()).isEqualTo(CheckoutStatus.REFUSED);
        assertThat(now.refusalReason()).contains(reason);
        assertThat(books.count("billing_payments")).isZero();
        assertThat(books.balance()).isEqualTo(usd("0.00"));
        assertThat(books.hospital.call(() -> checkouts.list(CheckoutStatus.REFUSED, books.account, null, 10)))
                .containsExactly(now);
        Invariants.ofTests().hold();
    }

    private static String intent(Checkout checkout) {
        return Objects.requireNonNull(checkout.gatewayTransactionId());
    }
}
