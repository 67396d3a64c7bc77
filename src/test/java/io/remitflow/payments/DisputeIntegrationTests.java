package io.remitflow.payments;

import static io.remitflow.payments.StripeBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.receivables.AccountTransaction;
import io.remitflow.receivables.PatientAccounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Disputes as Stripe reports them: where the money is, and what remains refundable. */
@BooksTest
class DisputeIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Disputes disputes;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    TransactionTemplate transactions;

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
    void aDisputeHoldsTheMoneyUntilItIsWon() {
        Payment payment = books.paid("100.00");

        String atStripe = books.stripe.dispute(intent(payment), 10_000, "needs_response", "fraudulent");
        books.stripe.withdraw(atStripe, 10_000, 1_500);
        books.awaitWorked();

        Dispute dispute = disputeOf(payment);
        assertThat(dispute.status()).isEqualTo(DisputeStatus.NEEDS_RESPONSE);
        assertThat(dispute.evidenceDueAt()).isAfter(dispute.openedAt());
        assertThat(dispute.held()).isEqualTo(usd("100.00"));
        assertThat(books.clearing(StandardAccount.DISPUTED_PAYMENTS, "dispute", dispute.number()))
                .isEqualTo(usd("100.00"));
        assertThat(books.clearing(StandardAccount.CARD_CLEARING, "gateway-dispute", atStripe))
                .isEqualTo(usd("-115.00"));
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("15.00"));
        assertThat(books.balance())
                .as("the patient owes nothing while it is open")
                .isEqualTo(usd("-100.00"));
        assertThat(books.again(payment).status()).isEqualTo(PaymentStatus.DISPUTED);
        assertThat(books.again(payment).refundable()).isEqualTo(usd("0.00"));

        books.stripe.decide(atStripe, "won");
        books.awaitWorked();
        assertThat(books.again(payment).refundable())
                .as("won, and the money is not back yet")
                .isEqualTo(usd("0.00"));
        books.stripe.reinstate(atStripe, 10_000);
        books.awaitWorked();

        assertThat(disputeOf(payment).status()).isEqualTo(DisputeStatus.WON);
        assertThat(books.ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("0.00"));
        assertThat(books.clearing(StandardAccount.CARD_CLEARING, "gateway-dispute", atStripe))
                .isEqualTo(usd("-15.00"));
        assertThat(books.again(payment).refundable()).isEqualTo(usd("100.00"));
        assertThat(books.again(payment).status()).isEqualTo(PaymentStatus.COMPLETED);
        assertThat(books.balance()).isEqualTo(usd("-100.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void aLostDisputeIsOwedByThePatientAgain() {
        Payment payment = books.paid("90.00");
        String atStripe = books.stripe.dispute(intent(payment), 9_000, "needs_response", "product_not_received");
        books.stripe.withdraw(atStripe, 9_000, 1_500);
        books.stripe.decide(atStripe, "under_review");
        books.awaitWorked();
        assertThat(disputeOf(payment).status()).isEqualTo(DisputeStatus.UNDER_REVIEW);

        books.stripe.decide(atStripe, "lost");
        books.awaitWorked();

        assertThat(books.balance()).isEqualTo(usd("0.00"));
        assertThat(disputeOf(payment).lost()).isEqualTo(usd("90.00"));
        assertThat(books.ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("0.00"));
        assertThat(books.again(payment).refundable()).isEqualTo(usd("0.00"));
        var transactions = books.hospital.call(() -> accounts.transactions(books.account));
        assertThat(transactions).extracting(AccountTransaction::amount).contains(usd("90.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void b2_everyOrderOfFourReportsLeadsToTheSameBooks() {
        books.stripe.quiet(true);
        List<List<Integer>> orders = orders(List.of(0, 1, 2, 3));
        assertThat(orders).hasSize(24);
        for (List<Integer> order : orders) {
            Payment payment = recorded();
            String atStripe = books.stripe.dispute(intent(payment), 5_000, "needs_response", "duplicate");
            List<EventEffect> reports = new ArrayList<>();
            reports.add(read(atStripe));
            books.stripe.withdraw(atStripe, 5_000, 1_500);
            reports.add(read(atStripe));
            books.stripe.decide(atStripe, "won");
            reports.add(read(atStripe));
            books.stripe.reinstate(atStripe, 5_000);
            reports.add(read(atStripe));

            order.forEach(index -> apply(reports.get(index)));
            apply(reports.get(order.getFirst()));

            Dispute dispute = disputeOf(payment);
            assertThat(dispute.status()).as("%s", order).isEqualTo(DisputeStatus.WON);
            assertThat(dispute.held()).as("%s", order).isEqualTo(usd("0.00"));
            assertThat(dispute.fee()).as("%s", order).isEqualTo(usd("15.00"));
            assertThat(books.again(payment).refundable()).as("%s", order).isEqualTo(usd("50.00"));
        }
        assertThat(books.ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("360.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void b2_aDisputeThatIsReportedBeforeItsPaymentPostsThePaymentFirst() {
        Checkout checkout = books.checkout("45.00");
        books.stripe.quiet(true);
        books.stripe.pay(Objects.requireNonNull(checkout.gatewayTransactionId()));
        String atStripe = books.stripe.dispute(checkout.gatewayTransactionId(), 4_500, "needs_response", "fraudulent");
        books.stripe.withdraw(atStripe, 4_500, 1_500);

        books.report(books.stripe.event("charge.dispute.funds_withdrawn", books.stripe.object(atStripe)));
        books.awaitWorked();

        assertThat(books.events()).containsExactly("charge.dispute.funds_withdrawn processed");
        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        assertThat(books.ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("45.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void anInquiryHoldsNothingAndMayEndAsNothing() {
        Payment payment = books.paid("70.00");

        String atStripe = books.stripe.dispute(intent(payment), 7_000, "warning_needs_response", "general");
        books.awaitWorked();
        assertThat(disputeOf(payment).status()).isEqualTo(DisputeStatus.INQUIRY);
        assertThat(books.again(payment).refundable()).isEqualTo(usd("70.00"));

        books.stripe.decide(atStripe, "warning_closed");
        books.awaitWorked();
        assertThat(disputeOf(payment).status()).isEqualTo(DisputeStatus.CLOSED);
        assertThat(books.again(payment).status()).isEqualTo(PaymentStatus.COMPLETED);
    }

    @Test
    void aDisputeOfAPartLeavesTheRestRefundable() {
        Payment payment = books.paid("100.00");

        books.stripe.dispute(intent(payment), 3_000, "needs_response", "product_unacceptable");
        books.awaitWorked();

        assertThat(books.again(payment).disputed()).isEqualTo(usd("30.00"));
        assertThat(books.again(payment).refundable()).isEqualTo(usd("70.00"));
    }

    @Test
    void aDisputeThatIsWonAfterItWasLostIsTakenBackFromThePatient() {
        Payment payment = books.paid("20.00");
        String atStripe = books.stripe.dispute(intent(payment), 2_000, "needs_response", "fraudulent");
        books.stripe.withdraw(atStripe, 2_000, 0);
        books.stripe.decide(atStripe, "lost");
        books.awaitWorked();
        assertThat(books.balance()).isEqualTo(usd("0.00"));

        books.stripe.decide(atStripe, "won");
        books.stripe.reinstate(atStripe, 2_000);
        books.awaitWorked();

        assertThat(books.balance()).isEqualTo(usd("-20.00"));
        assertThat(books.ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("0.00"));
        assertThat(books.again(payment).refundable()).isEqualTo(usd("20.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void moneyInAnotherCurrencyIsShownAndNotBooked() {
        Payment payment = books.paid("20.00");
        books.stripe.quiet(true);
        String atStripe = books.stripe.dispute(intent(payment), 2_000, "needs_response", "fraudulent");
        books.stripe.object(atStripe).put("currency", "eur");
        books.stripe.withdraw(atStripe, 2_000, 1_500);

        books.report(books.stripe.event("charge.dispute.created", books.stripe.object(atStripe)));
        books.awaitWorked();

        assertThat(disputeOf(payment).problem()).contains("not in the currency of the books");
        assertThat(books.ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("0.00"));
    }

    @Test
    void b6_aDisputeOfAPaymentThatIsNotOursIsUnmatched() {
        books.stripe.dispute("ch_of_somebody_else", 2_000, "needs_response", "fraudulent");
        books.report(books.stripe.event("charge.dispute.closed", Map.of("id", "du_unknown")));
        books.awaitWorked();

        assertThat(books.events())
                .containsExactlyInAnyOrder("charge.dispute.created unmatched", "charge.dispute.closed unmatched");
        assertThat(books.count("billing_disputes")).isZero();
    }

    @Test
    void pagesShowWhatIsDisputedAndWhatToDo() {
        Payment payment = books.paid("100.00");
        String atStripe = books.stripe.dispute(intent(payment), 10_000, "needs_response", "fraudulent");
        books.stripe.withdraw(atStripe, 10_000, 1_500);
        books.awaitWorked();
        Dispute dispute = disputeOf(payment);
        TestClient clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        assertThat(clerk.get("/app/payments/disputes").body()).contains(dispute.number(), "Fraudulent", "100.00");
        assertThat(clerk.get("/app/payments/disputes/" + dispute.id()).body())
                .contains("Give the evidence", atStripe, "fee 15.00");
        assertThat(clerk.get("/app/payments/" + payment.id()).body()).contains(dispute.number());
        clerk.post("/app/payments/disputes/%s/question".formatted(dispute.id()), Map.of());
        TestClient api = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(api.get("/billing/disputes?decided=false").body())
                .contains("\"held\":\"100.00\"", "\"fee\":\"15.00\"");
        assertThat(api.get("/billing/disputes/" + dispute.id()).body()).contains("\"status\":\"needs_response\"");
        assertThat(api.json("POST", "/billing/disputes/%s/question".formatted(dispute.id()), "")
                        .body())
                .contains("\"status\":\"needs_response\"");
        TestClient analyst = TestClient.api(port, books.hospital.signInName(Role.ANALYST), TestHospital.PASSWORD);
        assertThat(analyst.json("POST", "/billing/disputes/%s/question".formatted(dispute.id()), "")
                        .statusCode())
                .isEqualTo(403);
        books.stripe.decide(atStripe, "lost");
        books.awaitWorked();
        assertThat(clerk.get("/app/payments/disputes?show=lost").body()).contains(dispute.number());
        assertThat(clerk.get("/app/payments/disputes/" + dispute.id()).body()).contains("write it off");
    }

    /** Known to the books without having been made at Stripe. */
    private Payment recorded() {
        Checkout checkout = books.checkout("50.00");
        books.stripe.pay(Objects.requireNonNull(checkout.gatewayTransactionId()));
        books.hospital.run(() -> context.getBean(Checkouts.class).ask(checkout.id()));
        return books.hospital.call(() -> context.getBean(Payments.class)
                .get(Objects.requireNonNull(books.again(checkout).paymentId())));
    }

    private EventEffect read(String atStripe) {
        return books.hospital.call(() -> disputes.reported(Gateways.STRIPE, atStripe));
    }

    private void apply(EventEffect report) {
        books.hospital.run(() -> transactions.executeWithoutResult(
                tx -> assertThat(report.apply()).isEqualTo("processed")));
    }

    private Dispute disputeOf(Payment payment) {
        return books.hospital.call(() -> disputes.ofPayment(payment.id())).getFirst();
    }

    private static List<List<Integer>> orders(List<Integer> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (Integer first : of) {
            List<Integer> others = new ArrayList<>(of);
            others.remove(first);
            for (List<Integer> rest : orders(others)) {
                List<Integer> order = new ArrayList<>();
                order.add(first);
                order.addAll(rest);
                all.add(order);
            }
        }
        return all;
    }

    private static String intent(Payment payment) {
        return Objects.requireNonNull(payment.gatewayTransactionId());
    }
}
