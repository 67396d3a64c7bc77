package io.remitflow.adjustments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoiceFilter;
import io.remitflow.billing.InvoicePayments;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceStatus;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Organizations;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** An invoice of which somebody gives up what is due, and takes that back. */
@BooksTest
class InvoiceWriteOffsIntegrationTests {

    private static final AtomicLong TASK_KEYS = new AtomicLong(77_000_000);

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
    InvoicePayments payments;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    ChartOfAccounts chart;

    @Autowired
    TransactionTemplate transactions;

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
    void theLastThatIsDueGivenUpEndsTheInvoiceAsWrittenOff() {
        UUID invoice = sent("120.00");
        pay(invoice, "50.00");

        assertThat(post(approved(request("70.00", invoice)))).isTrue();

        assertThat(invoice(invoice).status()).isEqualTo(InvoiceStatus.WRITTEN_OFF);
        assertThat(invoice(invoice).due()).isEqualTo(usd("0.00"));
        assertThat(invoice(invoice).paidAt()).isNull();
        hospital.run(() -> {
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("70.00"));
            assertThat(invoices.list(new InvoiceFilter(InvoiceStatus.WRITTEN_OFF, false, account, null, 10)))
                    .extracting(Invoice::id)
                    .containsExactly(invoice);
            assertThat(invoices.list(new InvoiceFilter(null, true, account, null, 10)))
                    .isEmpty();
        });
        refused(Refusal.INVOICE_NOT_IN_STATE, () -> pay(invoice, "1.00"));
    }

    @Test
    void aPartThatIsGivenUpLeavesTheRestDue() {
        UUID invoice = sent("120.00");

        assertThat(post(approved(request("20.00", invoice)))).isTrue();

        assertThat(invoice(invoice).status()).isEqualTo(InvoiceStatus.PARTIAL);
        assertThat(invoice(invoice).due()).isEqualTo(usd("100.00"));
        pay(invoice, "100.00");
        assertThat(invoice(invoice).status()).isEqualTo(InvoiceStatus.PAID);
    }

    @Test
    void whatWasGivenUpIsDueAgainWhenItIsTakenBack() {
        UUID invoice = sent("120.00");
        as(() -> {
            invoices.viewed(invoice);
            return invoice;
        });
        UUID writeOff = approved(request("120.00", invoice));
        post(writeOff);
        assertThat(invoice(invoice).status()).isEqualTo(InvoiceStatus.WRITTEN_OFF);

        UUID reversal = approved(as(() -> adjustments.requestReversal(writeOff, "The patient pays after all")));
        post(reversal);
        post(reversal);

        assertThat(invoice(invoice).status()).isEqualTo(InvoiceStatus.VIEWED);
        assertThat(invoice(invoice).due()).isEqualTo(usd("120.00"));
        hospital.run(() -> assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("120.00")));
    }

    @Test
    void nothingIsGivenUpThatWasPaidMeanwhile() {
        UUID invoice = sent("120.00");
        sent("500.00");
        UUID writeOff = approved(request("120.00", invoice));
        pay(invoice, "0.01");

        assertThat(post(writeOff)).isFalse();

        assertThat(invoice(invoice).due()).isEqualTo(usd("119.99"));
        hospital.run(() -> {
            assertThat(adjustments.get(writeOff).status()).isEqualTo(AdjustmentStatus.CANCELLED);
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("0.00"));
        });
    }

    @Test
    void noMoreIsAskedForThanTheInvoiceIsDueNorOfAnotherAccount() {
        UUID invoice = sent("120.00");
        sent("500.00");
        refused(Refusal.INVOICE_NOT_IN_STATE, () -> request("120.01", invoice));
        UUID asked = request("100.00", invoice);
        refused(
                Refusal.INVOICE_NOT_IN_STATE,
                () -> hospital.runAs(Role.BILLING_CLERK, () -> adjustments.changeAmount(asked, usd("120.01"))));
        UUID other = as(() -> accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
        refused(
                Refusal.INVALID_INPUT,
                () -> as(() -> adjustments.request(new AdjustmentRequest(
                        other,
                        null,
                        Responsibility.PATIENT,
                        AdjustmentType.CHARITY,
                        usd("5.00"),
                        "Charity",
                        invoice))));
        refused(
                Refusal.INVALID_INPUT,
                () -> as(() -> adjustments.request(new AdjustmentRequest(
                        account,
                        null,
                        Responsibility.INSURANCE,
                        AdjustmentType.BAD_DEBT,
                        usd("5.00"),
                        "Not the patient",
                        invoice))));
    }

    @Test
    void itIsAskedForOnThePageOfTheInvoiceAndTheListShowsWhatEnded() {
        UUID invoice = sent("120.00");
        var clerk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/invoices/" + invoice).body()).contains("Request write-off", "value=\"120.00\"");

        var asked = clerk.post(
                "/app/patient-accounts/%s/write-offs".formatted(account),
                Map.of(
                        "type", "bad_debt",
                        "responsibility", "patient",
                        "invoice", invoice.toString(),
                        "amount", "120.00",
                        "reason", "Cannot be collected"));
        String page = asked.headers().firstValue("Location").orElseThrow();
        post(approved(UUID.fromString(page.substring(page.lastIndexOf('/') + 1))));

        assertThat(clerk.get("/app/invoices?show=written_off").body())
                .contains(invoice(invoice).number());
        assertThat(clerk.get("/app/invoices/" + invoice).body()).doesNotContain("Request write-off");
    }

    @Test
    void b7_theSameFormSentTwiceAsksForOneWriteOff() {
        UUID invoice = sent("120.00");
        var clerk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        String path = "/app/patient-accounts/%s/write-offs".formatted(account);

        for (String shown : List.of("/app/invoices/" + invoice, "/app/patient-accounts/" + account)) {
            String key = clerk.get(shown)
                    .body()
                    .replaceFirst("(?s).*action=\"" + path + "\".*?name=\"key\" value=\"([^\"]+)\".*", "$1");
            Map<String, String> form = Map.of(
                    "key", key,
                    "type", "bad_debt",
                    "responsibility", "patient",
                    "amount", "5.00",
                    "reason", "Cannot be collected");
            var first = clerk.post(path, form);
            var again = clerk.post(path, form);

            assertThat(first.headers().firstValue("Location").orElseThrow()).startsWith("/app/write-offs/");
            assertThat(again.headers().firstValue("Location"))
                    .isEqualTo(first.headers().firstValue("Location"));
        }
        hospital.run(() -> assertThat(adjustments.list(new AdjustmentFilter(null, false, account, 0, null, 20)))
                .hasSize(2));
    }

    private UUID approved(UUID asked) {
        hospital.run(() -> approvals.ruleAnswered(asked, 1, List.of("billing-manager"), "Test rule"));
        hospital.runAs(
                Role.BILLING_MANAGER,
                () -> approvals.decide(asked, new ApprovalDecision(TASK_KEYS.incrementAndGet(), 1, true, null)));
        return asked;
    }

    private boolean post(UUID asked) {
        return hospital.call(() -> posting.post(asked));
    }

    private UUID request(String amount, UUID invoice) {
        return as(() -> adjustments.request(new AdjustmentRequest(
                account,
                null,
                Responsibility.PATIENT,
                AdjustmentType.BAD_DEBT,
                usd(amount),
                "Cannot be collected",
                invoice)));
    }

    private UUID sent(String amount) {
        return as(() -> {
            LocalDate today = context.getBean(Organizations.class).today();
            UUID id = invoices.draft(new NewInvoice(
                    account,
                    InvoiceType.PATIENT,
                    InvoiceSetting.OUTPATIENT,
                    null,
                    today,
                    null,
                    null,
                    List.of(new NewInvoice.Line(today, "Visit", null, 1, usd(amount), null))));
            invoices.send(id, Delivery.PORTAL);
            return id;
        });
    }

    /** The invoice's side of a payment only. */
    private void pay(UUID invoice, String amount) {
        hospital.run(() -> transactions.executeWithoutResult(status -> payments.pay(invoice, usd(amount), "a test")));
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
