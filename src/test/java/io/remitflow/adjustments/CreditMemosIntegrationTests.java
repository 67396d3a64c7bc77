package io.remitflow.adjustments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.billing.CreditMemo;
import io.remitflow.billing.CreditMemos;
import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceStatus;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.workflow.ApprovalDecision;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

@BooksTest
class CreditMemosIntegrationTests {

    private static final AtomicLong TASK_KEYS = new AtomicLong(19_000_000);
    private static final LocalDate TODAY = TestHospital.today();

    @Autowired
    ApplicationContext context;

    @Autowired
    Adjustments adjustments;

    @Autowired
    AdjustmentApprovals approvals;

    @Autowired
    AdjustmentPosting posting;

    @Autowired
    Invoices invoices;

    @Autowired
    CreditMemos memos;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    ChartOfAccounts chart;

    @LocalServerPort
    int port;

    TestHospital hospital;
    UUID account;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        account = as(() -> accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
        hospital.user(Role.BILLING_MANAGER);
    }

    @Test
    void anApprovedMemoReducesItsInvoiceAndWhatThePatientOwes() {
        UUID invoice = sent("120.00");
        CreditMemo memo = posted(request("45.00", invoice));

        assertThat(memo.status()).isEqualTo(CreditMemo.Status.APPLIED);
        assertThat(memo.remaining()).isEqualTo(usd("0.00"));
        assertThat(invoice(invoice).due()).isEqualTo(usd("75.00"));
        assertThat(invoice(invoice).status()).isEqualTo(InvoiceStatus.PARTIAL);
        hospital.run(() -> {
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("75.00"));
            assertThat(chart.get(StandardAccount.PRICE_CONCESSIONS).balance()).isEqualTo(usd("45.00"));
        });
    }

    @Test
    void overRestWhatIsLeftOfAMemoPaysAnotherInvoice() {
        UUID invoice = sent("30.00");
        sent("90.00");
        CreditMemo memo = posted(request("45.00", null));
        String path = "/billing/credit-memos/" + memo.id();
        var clerk = api(Role.BILLING_CLERK);
        assertThat(clerk.get("/billing/credit-memos?accountId=" + account + "&remaining=true")
                        .body())
                .contains(memo.number(), "\"creditAmount\":\"45.00\"", "\"remainingAmount\":\"45.00\"");
        assertThat(clerk.get("/billing/credit-memos?accountId=" + UUID.randomUUID())
                        .body())
                .contains("\"items\":[]");
        String body = "{\"invoiceId\": \"%s\", \"amount\": \"%s\"}";

        assertThat(api(Role.ANALYST)
                        .json("POST", path + "/applications", body.formatted(invoice, "30.00"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", path + "/applications", body.formatted(invoice, ""))
                        .statusCode())
                .isEqualTo(400);
        assertThat(clerk.json("POST", path + "/applications", body.formatted(invoice, "30.01"))
                        .statusCode())
                .isBetween(400, 422);
        assertThat(clerk.json("POST", path + "/applications", body.formatted(UUID.randomUUID(), "1.00"))
                        .statusCode())
                .isEqualTo(404);
        assertThat(clerk.json("POST", path + "/applications", body.formatted(invoice, "30.00"))
                        .body())
                .contains("\"appliedAmount\":\"30.00\"", "\"remainingAmount\":\"15.00\"", invoice.toString());

        assertThat(invoice(invoice).due()).isEqualTo(usd("0.00"));
        assertThat(clerk.get(path).body()).contains("\"remainingAmount\":\"15.00\"");
        assertThat(clerk.get("/billing/credit-memos/" + UUID.randomUUID()).statusCode())
                .isEqualTo(404);
    }

    private TestClient api(Role role) {
        return TestClient.api(port, hospital.signInName(role), TestHospital.PASSWORD);
    }

    @Test
    void nothingIsCreditedBeforeItsApproval() {
        UUID invoice = sent("120.00");
        UUID asked = request("60.00", invoice);
        hospital.run(() -> approvals.ruleAnswered(asked, 1, List.of("billing-manager"), "Test rule"));

        refused(Refusal.ADJUSTMENT_NOT_IN_STATE, () -> hospital.run(() -> posting.post(asked)));
        assertThat(invoice(invoice).due()).isEqualTo(usd("120.00"));
        hospital.run(() -> assertThat(memos.list(account, false, null, 10)).isEmpty());
    }

    @Test
    void whatRemainsOfAMemoIsAppliedToOtherInvoicesOfTheAccountOnly() {
        UUID first = sent("50.00");
        UUID second = sent("90.00");
        CreditMemo memo = posted(request("70.00", null));
        assertThat(memo.remaining()).isEqualTo(usd("70.00"));

        apply(memo, first, "50.00");
        assertThat(invoice(first).status()).isEqualTo(InvoiceStatus.PAID);
        refused(Refusal.CREDIT_MEMO_USED_UP, () -> apply(memo, second, "20.01"));
        refused(Refusal.INVOICE_NOT_IN_STATE, () -> apply(memo, first, "1.00"));
        apply(memo, second, "20.00");
        assertThat(invoice(second).due()).isEqualTo(usd("70.00"));

        UUID other = as(() -> accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
        UUID foreign = sent(other, "30.00");
        CreditMemo more = posted(request("10.00", null));
        refused(Refusal.INVALID_INPUT, () -> apply(more, foreign, "10.00"));
        hospital.run(() -> assertThat(memos.applicationsOf(memo.id()))
                .extracting(CreditMemo.Application::amount)
                .containsExactly(usd("50.00"), usd("20.00")));
    }

    @Test
    void aReversedMemoIsOwedAgainOnEveryInvoiceThatItReduced() {
        UUID first = sent("50.00");
        UUID second = sent("90.00");
        UUID asked = request("70.00", null);
        CreditMemo memo = posted(asked);
        apply(memo, first, "50.00");
        apply(memo, second, "20.00");
        UUID reversal = as(() -> adjustments.requestReversal(asked, "Credited by mistake"));
        hospital.run(() -> approvals.ruleAnswered(reversal, 1, List.of(), "Test rule"));
        hospital.run(() -> posting.post(reversal));

        assertThat(invoice(first).due()).isEqualTo(usd("50.00"));
        assertThat(invoice(first).status()).isEqualTo(InvoiceStatus.SENT);
        assertThat(invoice(second).due()).isEqualTo(usd("90.00"));
        hospital.run(() -> {
            assertThat(memos.get(memo.id()).status()).isEqualTo(CreditMemo.Status.VOID);
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("140.00"));
            assertThat(chart.get(StandardAccount.PRICE_CONCESSIONS).balance()).isEqualTo(usd("0.00"));
        });
        refused(Refusal.CREDIT_MEMO_USED_UP, () -> apply(memo, second, "1.00"));
    }

    @Test
    void aMemoIsNeverMoreThanItsInvoiceIsDue() {
        UUID invoice = sent("50.00");
        sent("100.00");
        refused(Refusal.INVOICE_NOT_IN_STATE, () -> request("50.01", invoice));
        refused(Refusal.WRITE_OFF_EXCEEDS_BALANCE, () -> request("150.01", null));
        refused(
                Refusal.INVALID_INPUT,
                () -> as(() -> adjustments.request(new AdjustmentRequest(
                        account,
                        null,
                        Responsibility.PATIENT,
                        AdjustmentType.COURTESY,
                        usd("5.00"),
                        "Courtesy",
                        invoice))));
    }

    @Test
    void twoClerksNeverApplyTheSameCreditTwice() throws Exception {
        UUID first = sent("60.00");
        UUID second = sent("60.00");
        CreditMemo memo = posted(request("60.00", null));
        List<Callable<Boolean>> both = new ArrayList<>();
        for (UUID invoice : List.of(first, second)) {
            both.add(() -> {
                try {
                    apply(memo, invoice, "60.00");
                    return true;
                } catch (RuleViolation refused) {
                    return false;
                }
            });
        }
        int applied = 0;
        try (var pool = Executors.newFixedThreadPool(2)) {
            for (var answer : pool.invokeAll(both)) {
                applied += answer.get() ? 1 : 0;
            }
        }
        assertThat(applied).isEqualTo(1);
        assertThat(invoice(first).due().plus(invoice(second).due())).isEqualTo(usd("60.00"));
    }

    private void apply(CreditMemo memo, UUID invoice, String amount) {
        as(() -> {
            memos.apply(memo.id(), invoice, usd(amount));
            return memo;
        });
    }

    private CreditMemo posted(UUID asked) {
        hospital.run(() -> approvals.ruleAnswered(asked, 1, List.of("billing-manager"), "Test rule"));
        hospital.runAs(
                Role.BILLING_MANAGER,
                () -> approvals.decide(asked, new ApprovalDecision(TASK_KEYS.incrementAndGet(), 1, true, null)));
        hospital.run(() -> assertThat(posting.post(asked)).isTrue());
        hospital.run(() -> posting.post(asked));
        return hospital.call(() -> memos.list(account, false, null, 10)).stream()
                .filter(memo -> memo.adjustmentId().equals(asked))
                .findFirst()
                .orElseThrow();
    }

    private UUID request(String amount, @Nullable UUID invoice) {
        return as(() -> adjustments.request(new AdjustmentRequest(
                account,
                null,
                Responsibility.PATIENT,
                AdjustmentType.CREDIT_MEMO,
                usd(amount),
                "Billed twice",
                invoice)));
    }

    private UUID sent(String amount) {
        return sent(account, amount);
    }

    private UUID sent(UUID of, String amount) {
        return as(() -> {
            UUID id = invoices.draft(new NewInvoice(
                    of,
                    InvoiceType.PATIENT,
                    InvoiceSetting.OUTPATIENT,
                    null,
                    TODAY,
                    null,
                    null,
                    List.of(new NewInvoice.Line(TODAY, "Visit", null, 1, usd(amount), null))));
            invoices.send(id, Delivery.PORTAL);
            return id;
        });
    }

    private Invoice invoice(UUID id) {
        return hospital.call(() -> invoices.get(id));
    }

    private <T> T as(Supplier<T> work) {
        var result = new AtomicReference<T>();
        hospital.runAs(Role.BILLING_CLERK, () -> result.set(work.get()));
        return result.get();
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }
}
