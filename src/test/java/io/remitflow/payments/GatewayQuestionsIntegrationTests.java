package io.remitflow.payments;

import static io.remitflow.payments.StripeBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.local.ImpatientBooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.StripeStandIn.Mood;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** What a gateway never told is asked for, once at a time, and its answer counts like a report. */
@ImpatientBooksTest
class GatewayQuestionsIntegrationTests {

    private static final Duration PATIENCE = Duration.ofMinutes(15);

    @Autowired
    ApplicationContext context;

    @Autowired
    GatewayQuestions questions;

    @LocalServerPort
    int port;

    StripeBooks books;

    @BeforeEach
    void openStripe() {
        books = new StripeBooks(context, port);
        books.stripe.quiet(true);
    }

    @AfterEach
    void closeStripe() {
        books.close();
    }

    @Test
    void i1_aPaymentWhoseReportWasLostIsPostedByTheQuestion() {
        Checkout checkout = books.checkout("31.00");
        books.stripe.pay(Objects.requireNonNull(checkout.gatewayTransactionId()));
        Checkout recent = books.checkout("32.00");
        makeOlder(checkout, "2 hours");
        makeOlder(recent, "20 minutes");

        assertThat(open()).extracting(open -> open.what().id()).containsExactly(checkout.id());
        assertThat(askAll()).isEqualTo(1);

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        assertThat(books.balance()).isEqualTo(usd("-31.00"));
        assertThat(open()).isEmpty();
        assertThat(books.count("payments_gateway_questions")).isZero();
        assertThat(books.again(recent).status())
                .as("the patient may still be paying")
                .isEqualTo(CheckoutStatus.OPEN);
        Invariants.ofTests().hold();
    }

    @Test
    void i1_whatStaysUnknownIsAskedForAgainOnlyAfterAWhile() {
        books.stripe.moodOfNext(Mood.BOOK_AND_STAY_SILENT);
        Checkout checkout = books.checkout("31.00");
        makeOlder(checkout, "20 minutes");
        books.stripe.deaf(true);

        assertThat(askAll()).isZero();
        int calls = books.stripe.calls();
        assertThat(askAll()).isZero();

        assertThat(books.stripe.calls()).isEqualTo(calls);
        GatewayQuestions.Open open = open().getFirst();
        assertThat(open.times()).isEqualTo(1);
        assertThat(open.what().status()).isEqualTo("unknown");
        books.stripe.deaf(false);
        StripeBooks.superuser()
                .sql(
                        "update payments_gateway_questions set asked_at = asked_at - interval '16 minutes' where org_id = ?")
                .param(books.hospital.id().value())
                .update();
        askAll();
        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.OPEN);
        assertThat(books.stripe.intents()).hasSize(1);
    }

    @Test
    void a10_manySchedulersAtOnceAskOnce() throws Exception {
        Checkout checkout = books.checkout("31.00");
        books.stripe.pay(Objects.requireNonNull(checkout.gatewayTransactionId()));
        makeOlder(checkout, "2 hours");
        int calls = books.stripe.calls();

        List<Callable<Integer>> schedulers = IntStream.range(0, 8)
                .mapToObj(i -> (Callable<Integer>) this::askAll)
                .toList();
        int settled = 0;
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var answer : pool.invokeAll(schedulers)) {
                settled += answer.get();
            }
        }

        assertThat(settled).isGreaterThanOrEqualTo(1);
        assertThat(books.stripe.calls() - calls).isEqualTo(1);
        assertThat(books.count("billing_payments")).isEqualTo(1);
    }

    @Test
    void theOperationsPageListsWhatIsUnknownAndAsksAtOnce() {
        Checkout checkout = books.checkout("31.00");
        books.stripe.pay(Objects.requireNonNull(checkout.gatewayTransactionId()));
        makeOlder(checkout, "2 hours");
        TestClient manager =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);

        assertThat(manager.get("/app/operations").body()).contains(checkout.number(), "Ask now", "Not yet");
        manager.post("/app/operations/gateway-questions/checkout/" + checkout.id(), Map.of());

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        assertThat(manager.get("/app/operations").body())
                .contains("Nothing is unknown")
                .doesNotContain(checkout.number());
        TestClient clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        clerk.get("/app/inbox");
        assertThat(clerk.get("/app/operations").statusCode()).isEqualTo(403);
    }

    private List<GatewayQuestions.Open> open() {
        return books.hospital.call(questions::open);
    }

    private int askAll() {
        return books.hospital.call(() -> questions.askAll(PATIENCE));
    }

    private static void makeOlder(Checkout checkout, String interval) {
        StripeBooks.superuser()
                .sql("update billing_checkouts set started_at = started_at - cast(? as interval), "
                        + "changed_at = changed_at - cast(? as interval) where id = ?")
                .param(interval)
                .param(interval)
                .param(checkout.id())
                .update();
    }
}
