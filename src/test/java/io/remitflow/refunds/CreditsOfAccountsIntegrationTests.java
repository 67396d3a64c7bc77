package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.today;
import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalance.State;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import io.remitflow.refunds.CreditClassification.Cause;
import io.remitflow.refunds.CreditClassification.PayerClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What an account has too much without any remittance: its case, and who may have the money back. */
@BooksTest
class CreditsOfAccountsIntegrationTests {

    private static final AtomicLong TASKS = new AtomicLong(84_000);

    @Autowired
    ApplicationContext context;

    @Autowired
    CreditBalances credits;

    @Autowired
    CreditCases cases;

    @Autowired
    CreditWatch watch;

    @Autowired
    Refunds refunds;

    @Autowired
    RefundApprovals approvals;

    @Autowired
    PatientAccounts accounts;

    @LocalServerPort
    int port;

    RefundFixture books;

    @BeforeEach
    void openHospital() {
        books = new RefundFixture(context);
    }

    @Test
    void aPaymentThatBelongsToNoClaimIsACaseUntilItsMoneyIsUsed() {
        UUID payment = books.checkPayment("120.00");

        CreditBalance credit = only();
        assertThat(credit.amount()).isEqualTo(usd("120.00"));
        assertThat(credit.claimId()).isNull();
        assertThat(credit.paymentId()).isEqualTo(payment);
        assertThat(credit.refundDue()).isEqualTo(today().plusDays(30));
        assertThat(credit.classification())
                .isEqualTo(new CreditClassification(BelongsTo.PATIENT, PayerClass.SELF_PAY, Cause.PATIENT_OVERPAID));
        assertThat(opened()).as("its process starts").containsExactly(credit.id());
        books.hospital.run(() -> assertThat(credits.aging())
                .singleElement()
                .satisfies(line -> assertThat(line.total()).isEqualTo(usd("120.00"))));

        post(TransactionType.CHARGE, "100.00", "service");
        assertThat(only().amount()).isEqualTo(usd("20.00"));
        post(TransactionType.CHARGE, "20.00", "another service");

        assertThat(all()).isEmpty();
        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        assertThat(get(credit).resolution()).contains("account");
    }

    @Test
    void whatIsPaidTwiceIsProposedAsPaidTwice() {
        post(TransactionType.CHARGE, "50.00", "service");
        books.checkPayment("50.00");
        assertThat(all()).isEmpty();

        books.checkPayment("50.00");

        assertThat(only().amount()).isEqualTo(usd("50.00"));
        assertThat(Objects.requireNonNull(only().classification()).cause()).isEqualTo(Cause.DUPLICATE_PAYMENT);
    }

    @Test
    void aLateAdjustmentOrAWriteOffTakenBackChangesTheCase() {
        post(TransactionType.CHARGE, "80.00", "service");
        books.checkPayment("80.00");
        assertThat(all()).isEmpty();

        post(TransactionType.WRITE_OFF, "-15.00", "discount");
        UUID first = only().id();
        assertThat(only().amount()).isEqualTo(usd("15.00"));
        post(TransactionType.CREDIT, "-5.00", "credit memo");
        assertThat(only().id()).isEqualTo(first);
        assertThat(only().amount()).isEqualTo(usd("20.00"));
        post(TransactionType.WRITE_OFF, "20.00", "taken back");

        assertThat(all()).isEmpty();
    }

    @Test
    void paymentsAtOnceAreOneCaseOfAllOfThem() throws Exception {
        List<Callable<UUID>> eight = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            eight.add(() -> books.checkPayment("10.00"));
        }
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var payment : pool.invokeAll(eight)) {
                payment.get();
            }
        }

        assertThat(only().amount()).isEqualTo(usd("80.00"));
        assertThat(opened()).hasSize(1);
    }

    @Test
    void theNightlySweepOpensCasesThatAreMissingAndMendsThoseThatAreWrong() {
        books.checkPayment("40.00");
        UUID lost = only().id();
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        superuser.sql("""
                        update billing_credit_balances set state = 'resolved', closing = 'balance_gone', amount = 0,
                            resolved_at = now() where id = ?
                        """).param(lost).update();

        watch.run();

        assertThat(only().id()).isNotEqualTo(lost);
        assertThat(only().amount()).isEqualTo(usd("40.00"));
        superuser
                .sql("update billing_credit_balances set amount = 1 where id = ?")
                .param(only().id())
                .update();
        watch.run();
        watch.run();
        assertThat(only().amount()).isEqualTo(usd("40.00"));
    }

    @Test
    void aCreditThatSomebodyDismissedComesAgainOnlyAfterItWasGone() {
        books.checkPayment("40.00");
        CreditBalance dismissed = classified(BelongsTo.PATIENT, PayerClass.SELF_PAY);
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> cases.resolve(
                        dismissed.id(),
                        TASKS.incrementAndGet(),
                        CreditCases.Resolution.ofKeys("not_a_credit", "Paid ahead for a visit", "", "")));
        assertThat(all()).isEmpty();
        watch.run();
        assertThat(all()).isEmpty();

        post(TransactionType.CHARGE, "40.00", "the visit");
        books.checkPayment("40.00");

        assertThat(only().amount()).isEqualTo(usd("40.00"));
    }

    @Test
    void aRefundReturnsTheCreditAndTheCaseWaitsForTheLastOne() {
        UUID payment = books.checkPayment("100.00");
        UUID first = books.request(payment, "60.00");
        UUID second = books.request(payment, "40.00");
        assertThat(books.refund(first).creditBalanceId()).isEqualTo(only().id());
        assertThat(books.refund(first).dueOn()).isEqualTo(only().refundDue());
        assertThat(only().state()).isEqualTo(State.REFUND_REQUESTED);

        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.cancel(first, "Asked too much"));

        assertThat(only().state()).as("the other refund goes on").isEqualTo(State.REFUND_REQUESTED);
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.cancel(second, "Neither"));
        assertThat(only().state()).isEqualTo(State.OPEN);
    }

    @Test
    void whatIsPaidBackClosesTheCaseOfTheAccount() {
        var payouts = new PayoutBooks(context);
        payouts.paidByCheck("120.00", null, 84_001);

        assertThat(payouts.books.hospital.call(() -> credits.list(CreditFilter.unresolved())))
                .isEmpty();
    }

    @Test
    void whatAPersonClassifiedAsThePayersIsRefundedToThePatientByNobody() {
        UUID payment = books.checkPayment("70.00");
        CreditBalance credit = classified(BelongsTo.PAYER, PayerClass.COMMERCIAL);
        String body = """
                {"amount": "70.00", "reason": "overpayment", "description": "Paid twice"}
                """;

        var refused = api(Role.BILLING_MANAGER).json("POST", "/billing/payments/" + payment + "/refund", body);

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("credit-choice-not-allowed", "payer's money");
        var clerk = browser(Role.BILLING_CLERK);
        assertThat(clerk.get("/app/credit-balances/" + credit.id()).body())
                .contains("None: the money belongs to no claim", "Payer, Commercial");
        assertThat(clerk.post("/app/credit-balances/" + credit.id() + "/refund", Map.of())
                        .body())
                .contains("payer&#39;s money");
        assertThat(clerk.get("/app/payments/" + payment).body())
                .contains("No refund can be requested")
                .doesNotContain("id=\"request-refund\"");
        assertThat(get(credit).state()).isEqualTo(State.OPEN);
        assertThat(of(payment)).isEmpty();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.request(payment, "1.00"))
                .extracting(RuleViolation::refusal)
                .isEqualTo(Refusal.CREDIT_CHOICE_NOT_ALLOWED);
    }

    @Test
    void uc6_aRefundIsRequestedOnThePageOfItsPayment() {
        UUID payment = books.checkPayment("90.00");
        String page = "/app/payments/" + payment;
        var clerk = browser(Role.BILLING_CLERK);
        assertThat(clerk.get(page).body())
                .contains("No refunds", "Request a refund", "At most 90.00", "As it was paid: Check");
        assertThat(clerk.post(page + "/refund", form("90.01")).body()).contains("only 90.00 are left");
        assertThat(clerk.post(page + "/refund", form("0")).body()).contains("more than zero");
        assertThat(clerk.post(page + "/refund", form("ten")).statusCode()).isEqualTo(400);
        assertThat(clerk.post(page + "/refund", Map.of("amount", "5.00", "reason", "overpayment"))
                        .body())
                .contains("say in 1 to 500 characters");
        assertThat(clerk.post(
                                page + "/refund",
                                Map.of("amount", "5.00", "reason", "because", "description", "Paid twice"))
                        .body())
                .contains("not one of the list");
        assertThat(of(payment)).isEmpty();

        clerk.post(page + "/refund", form("25.50"));

        assertThat(of(payment)).singleElement().satisfies(refund -> {
            assertThat(refund.amount()).isEqualTo(usd("25.50"));
            assertThat(refund.description()).isEqualTo("Paid twice");
            assertThat(refund.method()).isEqualTo(RefundMethod.CHECK);
            assertThat(clerk.get(page).body()).contains(refund.number(), "At most 64.50");
        });
        assertThat(clerk.get("/app/payments/" + books.checkPayment("1200.00")).body())
                .as("can be sent as it stands")
                .contains("value=\"1200.00\"");
        var accounting = browser(Role.ACCOUNTING_STAFF);
        assertThat(accounting.get(page).body()).doesNotContain("Request a refund");
        assertThat(accounting.post(page + "/refund", form("1.00")).statusCode()).isEqualTo(403);
    }

    @Test
    void b7_theSameFormSentTwiceAsksForOneRefund() {
        UUID payment = books.checkPayment("90.00");
        String page = "/app/payments/" + payment;
        var clerk = browser(Role.BILLING_CLERK);
        Map<String, String> form = new HashMap<>(form("40.00"));
        form.put("key", keyOf(clerk.get(page).body(), page + "/refund"));

        var first = clerk.post(page + "/refund", form);
        var again = clerk.post(page + "/refund", form);

        assertThat(of(payment)).hasSize(1);
        assertThat(again.headers().firstValue("Location"))
                .isPresent()
                .isEqualTo(first.headers().firstValue("Location"));
        form.put("key", keyOf(clerk.get(page).body(), page + "/refund"));
        clerk.post(page + "/refund", form);
        assertThat(of(payment)).as("a form of its own is a refund of its own").hasSize(2);
    }

    @Test
    void b7_theSameButtonOfACreditAsksForOneRefund() {
        UUID payment = books.checkPayment("90.00");
        CreditBalance credit = classified(BelongsTo.PATIENT, PayerClass.SELF_PAY);
        var clerk = browser(Role.BILLING_CLERK);
        String path = "/app/credit-balances/%s/refund".formatted(credit.id());
        Map<String, String> form =
                Map.of("key", keyOf(clerk.get("/app/credit-balances").body(), path));

        var first = clerk.post(path, form);
        var again = clerk.post(path, form);

        assertThat(of(payment)).hasSize(1);
        assertThat(again.headers().firstValue("Location"))
                .isPresent()
                .isEqualTo(first.headers().firstValue("Location"));
    }

    /** Hidden in the form that posts to this path. */
    private static String keyOf(String page, String path) {
        return page.replaceFirst("(?s).*action=\"" + path + "\".*?name=\"key\" value=\"([^\"]+)\".*", "$1");
    }

    @Test
    void whatWasTransferredCountsForARefundOfTheSameAccountToo() {
        UUID payment = books.checkPayment("300.00");
        UUID refund = books.request(payment, "90.00");
        transferred("90.00", "1 day");

        books.hospital.run(() -> assertThat(approvals.facts(refund).inputs()).containsEntry("exposureMinor", 18_000L));
        CreditReturn transfer = books.hospital
                .call(() -> context.getBean(CreditReturns.class).underWay(only().id()))
                .orElseThrow();
        String account = books.hospital.call(() -> accounts.get(books.account).number());
        assertThat(transfer.number()).as("what approvers look back at").isEqualTo("credit of account " + account);
    }

    @Test
    void whatIsUnderWayCountsHoweverLongItWaits() {
        UUID payment = books.checkPayment("300.00");
        UUID old = books.request(payment, "150.00");
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update billing_refunds set requested_at = requested_at - interval '9 days' where id = ?")
                .param(old)
                .update();
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.changeAmount(old, usd("90.00")));

        UUID next = books.request(payment, "90.00");

        books.hospital.run(() -> {
            assertThat(approvals.facts(next).inputs()).containsEntry("exposureMinor", 18_000L);
            assertThat(approvals.facts(old).inputs()).containsEntry("exposureMinor", 18_000L);
        });
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.cancel(old, "Not any more"));
        books.hospital.run(() -> assertThat(approvals.facts(next).inputs()).containsEntry("exposureMinor", 9_000L));
    }

    @Test
    void theAmountIsChangedByRestWhileNothingIsDecided() {
        UUID refund = books.request(books.checkPayment("300.00"), "150.00");
        String path = "/billing/refunds/" + refund + "/amount";
        var clerk = api(Role.BILLING_CLERK);

        assertThat(api(Role.ACCOUNTING_STAFF)
                        .json("POST", path, "{\"amount\": \"90.00\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", path, "{\"amount\": \" \"}").statusCode()).isEqualTo(400);
        assertThat(clerk.json("POST", path, "{\"amount\": \"300.01\"}").body()).contains("only 300.00 are left");
        var changed = clerk.json("POST", path, "{\"amount\": \"90.00\"}");

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.body()).contains("\"amount\":\"90.00\"", "\"version\":2");
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.cancel(refund, null));
        assertThat(clerk.json("POST", path, "{\"amount\": \"80.00\"}").statusCode())
                .isEqualTo(409);
    }

    private static Map<String, String> form(String amount) {
        return Map.of("amount", amount, "reason", "overpayment", "description", "Paid twice");
    }

    private List<Refund> of(UUID payment) {
        return books.hospital.call(() -> refunds.list(new RefundFilter(null, false, null, payment, null, 50)));
    }

    private void transferred(String amount, String ago) {
        CreditBalance credit = only();
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("""
                        insert into billing_credit_returns (org_id, id, credit_id, kind, amount, currency, target_account_id,
                            reason, status, approval_levels, requested_by, requested_at)
                        select org_id, gen_random_uuid(), id, 'transfer', :amount, 'USD', account_id, 'Family', 'pending', '{}',
                            :by, now() - :ago::interval
                        from billing_credit_balances where id = :credit
                        """)
                .param("amount", usd(amount).getAmountMinorLong())
                .param("by", books.hospital.user(Role.BILLING_CLERK).value())
                .param("ago", ago)
                .param("credit", credit.id())
                .update();
    }

    private CreditBalance classified(BelongsTo belongsTo, PayerClass payerClass) {
        CreditBalance credit = only();
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> cases.classify(
                        credit.id(),
                        TASKS.incrementAndGet(),
                        new CreditClassification(belongsTo, payerClass, Cause.OTHER),
                        "As the letter of the payer says"));
        return get(credit);
    }

    private void post(TransactionType type, String amount, String what) {
        books.hospital.run(() -> accounts.record(new AccountPosting(
                books.account,
                today(),
                type,
                Responsibility.PATIENT,
                usd(amount),
                null,
                null,
                null,
                null,
                what,
                "test:" + UUID.randomUUID())));
    }

    private CreditBalance only() {
        assertThat(all()).hasSize(1);
        return all().getFirst();
    }

    private List<CreditBalance> all() {
        return books.hospital.call(() -> credits.list(CreditFilter.unresolved()));
    }

    private CreditBalance get(CreditBalance credit) {
        return books.hospital.call(() -> credits.get(credit.id()));
    }

    private List<UUID> opened() {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("""
                        select correlation_key::uuid from workflow_outbox
                        where message_name = 'refunds.credit-balance-opened' and org_id = ?
                        """)
                .param(books.hospital.id().value())
                .query(UUID.class)
                .list();
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private TestClient api(Role role) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
    }
}
