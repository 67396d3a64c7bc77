package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.bank.BankLine;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.Ports;
import io.remitflow.local.StripeStandIn;
import io.remitflow.local.StripeStandIn.Mood;
import io.remitflow.local.TestBank;
import io.remitflow.local.TestBank.Movement;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Checkouts;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.payments.Payout;
import io.remitflow.payments.PayoutFilter;
import io.remitflow.payments.PayoutLine;
import io.remitflow.payments.PayoutLineKind;
import io.remitflow.payments.PayoutStanding;
import io.remitflow.payments.Payouts;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A payout of Stripe with everything in it, refunds as they are approved and made here. */
@BooksTest
class GatewayPayoutIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundIssuing issuing;

    @Autowired
    RefundBooking booking;

    @Autowired
    Payments payments;

    @Autowired
    Payouts payouts;

    @LocalServerPort
    int port;

    RefundFixture books;
    StripeStandIn stripe;
    LocalDate today = LocalDate.EPOCH;

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
        today = books.hospital.call(() -> context.getBean(Organizations.class).today());
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
    void t2_aPayoutIsItsPaymentsLessRefundsDisputesAndFeesAndTheBankSettlesIt() {
        Payment first = paid("100.00");
        Payment second = paid("250.00");
        UUID refund = refunded(second, "40.00");
        String dispute = stripe.dispute(intent(first), 10_000, "needs_response", "fraudulent");
        stripe.withdraw(dispute, 10_000, 1_500);
        String atStripe = stripe.payOut(today.atStartOfDay(ZoneOffset.UTC).toInstant());
        Payout payout = awaitPosted(atStripe);

        assertThat(payout.amount()).isEqualTo(usd("184.25"));
        assertThat(payout.fee()).isEqualTo(usd("25.75"));
        assertThat(payout.gross()).isEqualTo(usd("210.00"));
        assertThat(payout.unknown()).isZero();
        List<PayoutLine> lines = books.hospital.call(() -> payouts.lines(payout.id(), null, 100));
        assertThat(lines)
                .extracting(PayoutLine::kind)
                .containsExactlyInAnyOrder(
                        PayoutLineKind.PAYMENT, PayoutLineKind.PAYMENT, PayoutLineKind.REFUND, PayoutLineKind.DISPUTE);
        assertThat(lines)
                .filteredOn(line -> line.kind() == PayoutLineKind.REFUND)
                .singleElement()
                .satisfies(line -> assertThat(line.paymentId()).isEqualTo(second.id()));
        assertThat(ledger(StandardAccount.MERCHANT_FEES)).isEqualTo(usd("25.75"));
        assertThat(ledger(StandardAccount.DISPUTED_PAYMENTS)).isEqualTo(usd("100.00"));
        assertThat(clearing("gateway-payment", intent(first))).isEqualTo(usd("0.00"));
        assertThat(clearing("gateway-payment", intent(second))).isEqualTo(usd("0.00"));
        assertThat(clearing(
                        "gateway-refund",
                        Objects.requireNonNull(books.refund(refund).gatewayRefundId())))
                .isEqualTo(usd("0.00"));
        assertThat(clearing("gateway-dispute", dispute)).isEqualTo(usd("0.00"));
        assertThat(clearing("payout", atStripe)).isEqualTo(usd("184.25"));
        assertThat(JdbcClient.create(TestServices.postgres().superuser())
                        .sql("select count(*) from accounting_journal_lines where journal_entry_id = ?")
                        .param(payout.journalEntryId())
                        .query(Long.class)
                        .single())
                .as("one entry for two payments, refund, dispute, fees and the payout")
                .isEqualTo(6);

        stripe.arrive(atStripe, "091000019876543");
        await().atMost(PATIENCE).until(() -> payout(atStripe).traceNumber() != null);
        assertThat(new TestBank(context, books.hospital)
                        .books(today, new Movement("184.25", "STRIPE TRANSFER 091000019876543")))
                .singleElement()
                .satisfies(line -> assertThat(line.state()).isEqualTo(BankLine.State.CLEARED));

        assertThat(payout(atStripe).standing(today)).isEqualTo(PayoutStanding.SETTLED);
        assertThat(ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.CASH_OPERATING)).isEqualTo(usd("184.25"));
        Invariants.ofTests().hold();
    }

    @Test
    void aRefundThatIsBookedAfterThePayoutLeavesSuspenseByItself() {
        Payment payment = paid("100.00");
        stripe.mood(intent(payment), Mood.SUCCEED_AT_ONCE);
        UUID refund = books.request(payment.id(), "40.00");
        books.ruleAnswers(refund);
        books.hospital.run(() -> issuing.issue(refund));
        String atStripe = stripe.payOut(today.atStartOfDay(ZoneOffset.UTC).toInstant());
        Payout payout = awaitPosted(atStripe);
        assertThat(payout.unknown()).isEqualTo(1);
        assertThat(ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("40.00"));

        books.hospital.run(() -> booking.complete(refund));
        books.hospital.run(() -> payouts.ask(payout.id()));

        assertThat(payout(atStripe).unknown()).isZero();
        assertThat(ledger(StandardAccount.BANK_SUSPENSE)).isEqualTo(usd("0.00"));
        assertThat(ledger(StandardAccount.CARD_CLEARING)).isEqualTo(usd("56.80"));
        Invariants.ofTests().hold();
    }

    private Payment paid(String amount) {
        var checkouts = context.getBean(Checkouts.class);
        var checkout = books.as(
                Role.BILLING_CLERK,
                () -> checkouts
                        .present(checkouts.start(books.account, null, usd(amount)))
                        .checkout());
        String intent = Objects.requireNonNull(checkout.gatewayTransactionId());
        stripe.pay(intent);
        return await().atMost(PATIENCE)
                .until(
                        () -> books.hospital.call(() -> payments.ofAccount(books.account)).stream()
                                .filter(payment -> intent.equals(payment.gatewayTransactionId()))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private UUID refunded(Payment payment, String amount) {
        stripe.mood(intent(payment), Mood.SUCCEED_AT_ONCE);
        UUID refund = books.request(payment.id(), amount);
        books.ruleAnswers(refund);
        books.hospital.run(() -> issuing.issue(refund));
        books.hospital.run(() -> booking.complete(refund));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.COMPLETED);
        return refund;
    }

    private Payout awaitPosted(String atStripe) {
        await().atMost(PATIENCE)
                .until(() -> all().stream()
                        .anyMatch(payout ->
                                payout.gatewayPayoutId().equals(atStripe) && payout.state() == Payout.State.POSTED));
        return payout(atStripe);
    }

    private Payout payout(String atStripe) {
        return all().stream()
                .filter(payout -> payout.gatewayPayoutId().equals(atStripe))
                .findFirst()
                .orElseThrow();
    }

    private List<Payout> all() {
        return books.hospital.call(() -> payouts.list(new PayoutFilter(PayoutFilter.Show.ALL, null, 10)));
    }

    private Money ledger(StandardAccount of) {
        return books.hospital.call(
                () -> context.getBean(ChartOfAccounts.class).get(of).balance());
    }

    private Money clearing(String kind, String value) {
        return books.hospital.call(() -> context.getBean(Clearing.class)
                .balance(StandardAccount.CARD_CLEARING, new ClearingReference(kind, value)));
    }

    private static String intent(Payment payment) {
        return Objects.requireNonNull(payment.gatewayTransactionId());
    }
}
