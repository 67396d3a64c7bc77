package io.remitflow.payments;

import static io.remitflow.payments.StripeBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.bank.BankLine;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestBank;
import io.remitflow.local.TestBank.Movement;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Payouts of Stripe: from the payments in them to the line of the bank that settles them. */
@BooksTest
class PayoutIntegrationTests {

    private static final String TRACE = "091000019876543";

    @Autowired
    ApplicationContext context;

    @Autowired
    Payouts payouts;

    @Autowired
    PayoutReconciliation reconciliation;

    @Autowired
    GatewayQuestions questions;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    StripeBooks books;
    LocalDate today = LocalDate.EPOCH;

    @BeforeEach
    void openStripe() {
        books = new StripeBooks(context, port);
        today = books.hospital.call(() -> context.getBean(Organizations.class).today());
    }

    @AfterEach
    void closeStripe() {
        books.close();
    }

    @Test
    void theLineOfTheBankSettlesAPayoutByItsTraceNumber() {
        Payment first = books.paid("100.00");
        Payment second = books.paid("250.00");

        String atStripe = books.stripe.payOut(midnight(today));
        books.awaitWorked();

        Payout announced = payout();
        assertThat(announced.state()).isEqualTo(Payout.State.POSTED);
        assertThat(announced.amount()).isEqualTo(usd("339.25"));
        assertThat(announced.gross()).isEqualTo(usd("350.00"));
        assertThat(announced.fee()).isEqualTo(usd("10.75"));
        assertThat(announced.standing(today)).isEqualTo(PayoutStanding.WAITING);
        assertThat(announced.standing(today.minusDays(1))).isEqualTo(PayoutStanding.EXPECTED);
        assertThat(announced.standing(today.plusDays(7))).isIn(PayoutStanding.LATE, PayoutStanding.MISSING);
        assertThat(announced.standing(today.plusDays(14))).isEqualTo(PayoutStanding.MISSING);
        for (Payment payment : List.of(first, second)) {
            assertThat(clearing("gateway-payment", intent(payment))).isEqualTo(usd("0.00"));
            assertThat(books.hospital.call(() -> payouts.ofPayment(payment.id())))
                    .singleElement()
                    .satisfies(line -> assertThat(line.payoutId()).isEqualTo(announced.id()));
        }
        assertThat(clearing("payout", atStripe)).isEqualTo(usd("339.25"));
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("10.75"));

        books.stripe.arrive(atStripe, TRACE);
        books.awaitWorked();
        List<BankLine> lines = bank().books(today, new Movement("339.25", "STRIPE TRANSFER " + TRACE));

        assertThat(lines)
                .singleElement()
                .satisfies(line -> assertThat(line.state()).isEqualTo(BankLine.State.CLEARED));
        assertThat(payout().standing(today)).isEqualTo(PayoutStanding.SETTLED);
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("339.25"));
        Invariants.ofTests().hold();
    }

    @Test
    void withoutTraceNumberTheBankLineIsSuggestedByNameAmountAndDayOfArrival() {
        books.paid("100.00");
        LocalDate arrives = today.minusDays(10);
        String atStripe = books.stripe.payOut(midnight(arrives));
        books.stripe.arrive(atStripe, null);
        books.awaitWorked();
        TestBank bank = bank();

        assertThat(bank.books(arrives, new Movement("96.80", "STRIPE DES:TRANSFER INDN:RIVERSIDE HOSPITAL")))
                .singleElement()
                .satisfies(line -> assertThat(line.state()).isEqualTo(BankLine.State.SUGGESTED));
        var match = bank.acceptOnly();

        assertThat(match.rule()).isEqualTo("payer-amount");
        assertThat(payout().standing(today)).isEqualTo(PayoutStanding.SETTLED);
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("0.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void b2_everyOrderOfReportsLeadsToTheSameBooks() {
        books.stripe.quiet(true);
        List<List<Integer>> orders = List.of(
                List.of(0, 1, 2, 3),
                List.of(3, 2, 1, 0),
                List.of(1, 0, 3, 2),
                List.of(2, 0, 1, 3),
                List.of(3, 0, 2, 1),
                List.of(2, 3, 0, 1));
        for (List<Integer> order : orders) {
            recorded("50.00");
            Money before = books.ledger(StandardAccount.CARD_CLEARING);
            Money fees = books.ledger(StandardAccount.MERCHANT_FEES);
            String atStripe = books.stripe.payOut(midnight(today));
            List<EventEffect> reports = new ArrayList<>();
            reports.add(read(atStripe));
            books.stripe.object(atStripe).put("status", "in_transit");
            reports.add(read(atStripe));
            books.stripe.arrive(atStripe, TRACE);
            reports.add(read(atStripe));
            books.stripe.failPayout(atStripe, "account_closed");
            reports.add(read(atStripe));

            order.forEach(index -> apply(reports.get(index)));
            apply(reports.get(order.getFirst()));

            Payout payout = payout(atStripe);
            assertThat(payout.status()).as("%s", order).isEqualTo(PayoutStatus.FAILED);
            assertThat(payout.failureCode()).as("%s", order).isEqualTo("account_closed");
            assertThat(payout.traceNumber()).as("%s", order).isEqualTo(TRACE);
            assertThat(payout.standing(today)).as("%s", order).isEqualTo(PayoutStanding.FAILED);
            assertThat(payout.returnEntryId()).as("%s", order).isNull();
            assertThat(clearing("payout", atStripe)).as("%s", order).isEqualTo(payout.amount());
            assertThat(books.ledger(StandardAccount.MERCHANT_FEES).minus(fees))
                    .as("%s", order)
                    .isEqualTo(usd("1.75"));
            assertThat(books.ledger(StandardAccount.CARD_CLEARING).minus(before))
                    .as("%s", order)
                    .isEqualTo(usd("-1.75"));
        }
        assertThat(books.count("payments_payouts")).isEqualTo(orders.size());
        Invariants.ofTests().hold();
    }

    @Test
    void b2_reportsAtTheSameTimePostOneEntry() throws Exception {
        books.stripe.quiet(true);
        recorded("50.00");
        String atStripe = books.stripe.payOut(midnight(today));
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Object>> calls = IntStream.range(0, 8)
                    .mapToObj(index -> Executors.callable(() -> apply(read(atStripe))))
                    .toList();
            for (var done : threads.invokeAll(calls)) {
                done.get();
            }
        }

        assertThat(books.count("payments_payouts")).isEqualTo(1);
        assertThat(books.count("payments_payout_lines")).isEqualTo(1);
        assertThat(payout().number()).endsWith("-000001");
        assertThat(clearing("payout", atStripe)).isEqualTo(payout().amount());
        assertThat(StripeBooks.superuser()
                        .sql("select last_number from number_series where org_id = ? and prefix = 'PO'")
                        .param(books.hospital.id().value())
                        .query(Long.class)
                        .single())
                .as("no number was lost")
                .isEqualTo(1);
        Invariants.ofTests().hold();
    }

    @Test
    void whatDoesNotAddUpIsHeldWithItsReasonAndPostedOnceItDoes() {
        books.stripe.quiet(true);
        recorded("100.00");
        String atStripe = books.stripe.payOut(midnight(today));
        books.stripe.object(atStripe).put("amount", 9_681L);

        apply(read(atStripe));

        Payout held = payout();
        assertThat(held.standing(today)).isEqualTo(PayoutStanding.HELD);
        assertThat(held.holdReason()).isEqualTo("Its 1 transactions add up to 96.80, not to 96.81");
        assertThat(held.journalEntryId()).isNull();
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("100.00"));

        var late = books.stripe.transactionsOf(atStripe).stream()
                .filter(moved -> "charge".equals(moved.get("type")))
                .findFirst()
                .orElseThrow();
        late.put("amount", 10_001L);
        late.put("net", 9_681L);
        assertThat(ask(held)).isFalse();

        assertThat(payout().standing(today)).isEqualTo(PayoutStanding.WAITING);
        assertThat(lines(payout()))
                .singleElement()
                .satisfies(line ->
                        assertThat(line.problem()).contains("is recorded with 100.00, the gateway took 100.01"));
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("3.20"));
        Invariants.ofTests().hold();
    }

    @Test
    void aPayoutInAnotherCurrencyIsHeld() {
        books.stripe.quiet(true);
        recorded("100.00");
        String atStripe = books.stripe.payOut(midnight(today));
        books.stripe.object(atStripe).put("currency", "eur");

        apply(read(atStripe));

        assertThat(payout().holdReason()).isEqualTo("It is in EUR, the books are in USD");
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("100.00"));
    }

    @Test
    void aListThatIsNotCompleteYetIsReadAgainLater() {
        books.stripe.quiet(true);
        recorded("100.00");
        recorded("60.00");
        String atStripe = books.stripe.payOut(midnight(today));
        Map<String, Object> late = books.stripe.transactionsOf(atStripe).stream()
                .filter(moved -> "charge".equals(moved.get("type")))
                .findFirst()
                .orElseThrow();
        Object payoutOfLate = late.remove("in_payout");
        books.stripe.object(atStripe).put("reconciliation_status", "in_progress");

        apply(read(atStripe));
        assertThat(payout().standing(today)).isEqualTo(PayoutStanding.COLLECTING);

        late.put("in_payout", payoutOfLate);
        books.stripe.object(atStripe).put("reconciliation_status", "completed");
        makeOlder("1 hour");
        books.hospital.run(() -> questions.askAll(Duration.ofMinutes(15)));

        assertThat(payout().standing(today)).isEqualTo(PayoutStanding.WAITING);
        assertThat(payout().lineCount()).isEqualTo(2);
        Invariants.ofTests().hold();
    }

    @Test
    void b6_whatIsNotOursIsInSuspenseUntilAPersonRecordsIt() {
        books.stripe.quiet(true);
        recorded("100.00");
        books.stripe.moveBalance("charge", "ch_of_somebody", 4_000, 146);
        books.stripe.moveBalance("stripe_fee", "fee_of_may", -200, 0);
        books.stripe.moveBalance("reserve_transaction", "rsv_1", -1_000, 0);
        String atStripe = books.stripe.payOut(midnight(today));
        apply(read(atStripe));

        Payout payout = payout();
        assertThat(payout.unknown()).isEqualTo(2);
        assertThat(payout.amount()).isEqualTo(usd("123.34"));
        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("-28.54"));
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("5.20"));
        assertThat(lines(payout))
                .filteredOn(PayoutLine::unknown)
                .extracting(PayoutLine::problem)
                .containsExactlyInAnyOrder(
                        "No payment is recorded under this number",
                        "The gateway calls it reserve transaction: see there what it is");

        books.hospital.run(() -> context.getBean(Payments.class)
                .record(NewPayment.card(
                        books.account, null, today, usd("40.00"), "4242", Gateways.STRIPE, "ch_of_somebody")));
        ask(payout);
        ask(payout);

        assertThat(payout().unknown()).isEqualTo(1);
        assertThat(clearing("gateway-payment", "ch_of_somebody")).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("10.00"));
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("6.66"));
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("123.34"));
        Invariants.ofTests().hold();
    }

    @Test
    void aPayoutWhoseReportsWereAllLostIsFoundInTheNightWithItsPayments() {
        books.stripe.quiet(true);
        Checkout checkout = books.checkout("45.00");
        books.stripe.pay(Objects.requireNonNull(checkout.gatewayTransactionId()));
        String disputed = books.stripe.dispute(
                Objects.requireNonNull(checkout.gatewayTransactionId()), 1_000, "needs_response", "fraudulent");
        books.stripe.withdraw(disputed, 1_000, 1_500);
        String atStripe = books.stripe.payOut(midnight(today));

        assertThat(reconcile()).isEqualTo(1);
        assertThat(reconcile()).isZero();

        assertThat(books.again(checkout).status()).isEqualTo(CheckoutStatus.SUCCEEDED);
        assertThat(payout(atStripe).unknown()).isZero();
        assertThat(books.ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("10.00"));
        assertThat(books.ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("16.60"));
        assertThat(books.ledger(StandardAccount.CARD_CLEARING))
                .as("all of it waits under the payout")
                .isEqualTo(usd("18.40"));
        Invariants.ofTests().hold();
    }

    @Test
    void pagesErrorsAndDoublesOfTheGatewayMakeNoDifference() {
        books.stripe.quiet(true);
        for (int i = 0; i < 7; i++) {
            recorded("10.00");
        }
        books.stripe.longestPage(3);
        books.stripe.pagesOverlap(true);
        String atStripe = books.stripe.payOut(midnight(today));
        books.stripe.failReads(2);

        apply(read(atStripe));

        assertThat(payout().lineCount()).isEqualTo(7);
        assertThat(payout().amount()).isEqualTo(usd("65.87"));
        assertThat(clearing("payout", atStripe)).isEqualTo(usd("65.87"));
        Payout seven = payout();
        assertThat(books.hospital.call(() -> payouts.lines(seven.id(), null, 4)))
                .hasSize(4);
        assertThat(books.hospital.call(() -> payouts.lines(
                        seven.id(), payouts.lines(seven.id(), null, 4).getLast().id(), 10)))
                .hasSize(3);
        Invariants.ofTests().hold();
    }

    @Test
    void aPayoutByHandIsPostedAsATotalAndFlagged() {
        Payment payment = books.paid("100.00");

        String atStripe = books.stripe.payOutByHand(5_000, midnight(today));
        books.stripe.arrive(atStripe, TRACE);
        books.awaitWorked();

        assertThat(payout().automatic()).isFalse();
        assertThat(clearing("gateway-payment", intent(payment))).isEqualTo(usd("100.00"));
        assertThat(clearing("payout", atStripe)).isEqualTo(usd("50.00"));
        assertThat(books.hospital.call(() -> payouts.list(new PayoutFilter(PayoutFilter.Show.PROBLEMS, null, 10))))
                .hasSize(1);

        bank().books(today, new Movement("50.00", "STRIPE " + TRACE));
        assertThat(payout().standing(today)).isEqualTo(PayoutStanding.SETTLED);

        books.stripe.failPayout(atStripe, "account_closed");
        books.awaitWorked();
        assertThat(clearing("gateway-balance", "stripe-manual-payouts")).isEqualTo(usd("0.00"));
        assertThat(clearing("payout-return", atStripe)).isEqualTo(usd("-50.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void aPayoutThatFailsAfterTheBankBroughtItIsTakenBackAndGoesOnInTheNext() {
        books.paid("100.00");
        String first = books.stripe.payOut(midnight(today));
        books.stripe.arrive(first, TRACE);
        books.awaitWorked();
        TestBank bank = bank();
        bank.books(today, new Movement("96.80", "STRIPE " + TRACE));
        assertThat(payout(first).standing(today)).isEqualTo(PayoutStanding.SETTLED);

        books.stripe.failPayout(first, "account_closed");
        books.awaitWorked();

        assertThat(payout(first).standing(today)).isEqualTo(PayoutStanding.FAILED);
        assertThat(payout(first).returnEntryId()).isNotNull();
        assertThat(clearing("payout", first)).isEqualTo(usd("96.80"));
        assertThat(clearing("payout-return", first)).isEqualTo(usd("-96.80"));
        assertThat(bank.books(today, new Movement("-96.80", "STRIPE RETURN " + TRACE)))
                .singleElement()
                .satisfies(line -> assertThat(line.state()).isEqualTo(BankLine.State.CLEARED));
        assertThat(clearing("payout-return", first)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("0.00"));

        books.paid("50.00");
        String second = books.stripe.payOut(midnight(today));
        books.awaitWorked();

        assertThat(payout(first).standing(today)).isEqualTo(PayoutStanding.RETURNED);
        assertThat(payout(second).amount()).isEqualTo(usd("145.05"));
        assertThat(lines(payout(second)))
                .filteredOn(line -> line.kind() == PayoutLineKind.RETURNED_PAYOUT)
                .singleElement()
                .satisfies(line -> assertThat(line.relatedPayoutId())
                        .isEqualTo(payout(first).id()));
        bank.books(today, new Movement("145.05", "STRIPE " + second));
        assertThat(payout(second).standing(today)).isEqualTo(PayoutStanding.SETTLED);
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("0.00"));
        Invariants.ofTests().hold();
    }

    @Test
    void aPayoutThatTheBankBroughtAndTookBackBeforeWeHeardOfItsFailureEndsInTheSameBooks() {
        books.paid("100.00");
        String atStripe = books.stripe.payOut(midnight(today));
        books.stripe.arrive(atStripe, TRACE);
        books.awaitWorked();
        TestBank bank = bank();
        bank.books(today, new Movement("96.80", "STRIPE " + TRACE));
        bank.books(today, new Movement("-96.80", "STRIPE RETURN " + TRACE));
        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("96.80"));

        books.stripe.failPayout(atStripe, "account_closed");
        books.awaitWorked();
        books.hospital.run(
                () -> context.getBean(io.remitflow.bank.BankMatches.class).suggest());
        bank.acceptOnly();

        assertThat(books.ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("0.00"));
        assertThat(clearing("payout-return", atStripe)).isEqualTo(usd("0.00"));
        assertThat(clearing("payout", atStripe)).isEqualTo(usd("96.80"));
        assertThat(payout().standing(today)).isEqualTo(PayoutStanding.FAILED);
        Invariants.ofTests().hold();
    }

    @Test
    void aNegativePayoutIsADebitAtTheBank() {
        Payment payment = books.paid("20.00");
        String paidOut = books.stripe.payOut(midnight(today));
        String atStripe = books.stripe.dispute(intent(payment), 2_000, "needs_response", "fraudulent");
        books.stripe.withdraw(atStripe, 2_000, 1_500);
        String negative = books.stripe.payOut(midnight(today));
        books.awaitWorked();

        assertThat(payout(negative).amount()).isEqualTo(usd("-35.00"));
        assertThat(clearing("gateway-dispute", atStripe)).isEqualTo(usd("0.00"));
        bank().books(today, new Movement("19.12", "STRIPE " + paidOut), new Movement("-35.00", "STRIPE " + negative));

        assertThat(payout(negative).standing(today)).isEqualTo(PayoutStanding.SETTLED);
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("-15.88"));
        Invariants.ofTests().hold();
    }

    @Test
    void aCancelledPayoutGoesOnInTheNext() {
        books.paid("20.00");
        String first = books.stripe.payOut(midnight(today));
        books.stripe.cancelPayout(first);
        books.awaitWorked();
        assertThat(payout(first).standing(today)).isEqualTo(PayoutStanding.FAILED);

        books.stripe.payOut(midnight(today.plusDays(1)));
        books.awaitWorked();

        assertThat(payout(first).standing(today)).isEqualTo(PayoutStanding.RETURNED);
        assertThat(books.ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("19.12"));
        Invariants.ofTests().hold();
    }

    @Test
    void b6_aPayoutThatStripeDoesNotKnowIsUnmatched() {
        books.report(books.stripe.event("payout.paid", Map.of("id", "po_unknown")));
        books.awaitWorked();

        assertThat(books.events()).containsExactly("payout.paid unmatched");
        assertThat(books.count("payments_payouts")).isZero();
    }

    @Test
    void pagesAndTheTracerShowWhatAPayoutIsMadeOf() {
        Payment payment = books.paid("100.00");
        books.stripe.moveBalance("charge", "ch_of_somebody", 4_000, 146);
        String atStripe = books.stripe.payOut(midnight(today));
        books.awaitWorked();
        Payout payout = payout();
        TestClient clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        assertThat(clerk.get("/app/payments/payouts").body())
                .contains(payout.number(), "Waiting", "1 unknown", "135.34", "4.66");
        assertThat(clerk.get("/app/payments/payouts?show=settled").body()).contains("No payouts here");
        assertThat(clerk.get("/app/payments/payouts?show=nonsense").statusCode())
                .isEqualTo(400);
        assertThat(clerk.get("/app/payments/payouts/" + payout.id()).body())
                .contains(atStripe, "/app/payments/" + payment.id(), "No payment is recorded under this number");
        assertThat(clerk.get("/app/payments/" + payment.id()).body()).contains(payout.number());
        clerk.post("/app/payments/payouts/%s/question".formatted(payout.id()), Map.of());
        TestClient api = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(api.get("/billing/payouts?show=open").body())
                .contains("\"standing\":\"waiting\"", "\"fee\":\"4.66\"", "\"amount\":\"135.34\"");
        assertThat(api.get("/billing/payouts/" + payout.id()).body()).contains("\"unknownTransactions\":1");
        assertThat(api.get("/billing/payouts/%s/transactions".formatted(payout.id()))
                        .body())
                .contains(
                        "\"paymentId\":\"%s\"".formatted(payment.id()),
                        "\"problem\":\"No payment is recorded under this number\"");

        var trail = context.getBean(PayoutMoneyTrail.class);
        books.hospital.run(() -> transactions.executeWithoutResult(tx -> {
            var found = trail.find(new MoneySearch(atStripe, null), 5);
            assertThat(found.ids()).containsExactly(payout.id());
            MoneyNode node = trail.nodes(found.ids()).getFirst();
            assertThat(node.state()).isEqualTo(MoneyState.WAITING);
            assertThat(node.next()).containsExactly(payout.journalEntryId());
            assertThat(trail.nodes(List.of(payment.id())))
                    .extracting(MoneyNode::id)
                    .containsExactly(payout.id());
        }));
    }

    private TestBank bank() {
        return new TestBank(context, books.hospital);
    }

    /** Known to the books without having been reported. */
    private void recorded(String amount) {
        Checkout checkout = books.checkout(amount);
        books.stripe.pay(Objects.requireNonNull(checkout.gatewayTransactionId()));
        books.hospital.run(() -> context.getBean(Checkouts.class).ask(checkout.id()));
    }

    private EventEffect read(String atStripe) {
        return books.hospital.call(() -> payouts.reported(Gateways.STRIPE, atStripe));
    }

    private void apply(EventEffect report) {
        books.hospital.run(() -> transactions.executeWithoutResult(
                tx -> assertThat(report.apply()).isEqualTo("processed")));
    }

    private boolean ask(Payout payout) {
        return books.hospital.call(() -> payouts.ask(payout.id()));
    }

    private int reconcile() {
        return books.hospital.call(reconciliation::reconcile);
    }

    private void makeOlder(String by) {
        StripeBooks.superuser()
                .sql("update payments_payouts set checked_at = checked_at - ?::interval where org_id = ?")
                .param(by)
                .param(books.hospital.id().value())
                .update();
    }

    private Payout payout() {
        List<Payout> all = books.hospital.call(() -> payouts.list(new PayoutFilter(PayoutFilter.Show.ALL, null, 10)));
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private Payout payout(String atStripe) {
        return books.hospital.call(() -> payouts.list(new PayoutFilter(PayoutFilter.Show.ALL, null, 50))).stream()
                .filter(payout -> payout.gatewayPayoutId().equals(atStripe))
                .findFirst()
                .orElseThrow();
    }

    private List<PayoutLine> lines(Payout payout) {
        return books.hospital.call(() -> payouts.lines(payout.id(), null, 100));
    }

    private Money clearing(String kind, String value) {
        return books.clearing(StandardAccount.CARD_CLEARING, kind, value);
    }

    private static Instant midnight(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static String intent(Payment payment) {
        return Objects.requireNonNull(payment.gatewayTransactionId());
    }
}
