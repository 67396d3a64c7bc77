package io.remitflow.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

@BooksTest
class InvoicesIntegrationTests {

    private static final LocalDate TODAY = TestHospital.today();

    @Autowired
    ApplicationContext context;

    @Autowired
    Invoices invoices;

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
    }

    @Test
    void anInvoiceChargesItsServicesWhenItIsSentAndOnlyOnce() {
        UUID id = draft("2", "60.00");
        hospital.run(() -> assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("0.00")));

        send(id);
        send(id);

        hospital.run(() -> {
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("120.00"));
            assertThat(chart.get(StandardAccount.REVENUE_OUTPATIENT).balance()).isEqualTo(usd("120.00"));
            assertThat(invoices.get(id).status()).isEqualTo(InvoiceStatus.SENT);
            assertThat(invoices.get(id).due()).isEqualTo(usd("120.00"));
            assertThat(invoices.get(id).dueDate())
                    .isEqualTo(invoices.get(id).invoiceDate().plusDays(30));
        });
    }

    @Test
    void aVoidInvoiceTakesItsChargeBack() {
        UUID id = draft("1", "80.00");
        send(id);
        as(() -> {
            invoices.voidInvoice(id, "Wrong account");
            invoices.voidInvoice(id, "Wrong account");
            return id;
        });
        hospital.run(() -> {
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("0.00"));
            assertThat(chart.get(StandardAccount.REVENUE_OUTPATIENT).balance()).isEqualTo(usd("0.00"));
            assertThat(invoices.get(id).status()).isEqualTo(InvoiceStatus.VOID);
        });
        refused(Refusal.INVOICE_NOT_IN_STATE, () -> send(id));
    }

    @Test
    void anInvoiceBelowTheSmallestIsCarriedNotSent() {
        UUID id = draft("1", "9.99");
        refused(Refusal.INVOICE_NOT_IN_STATE, () -> send(id));
        UUID enough = draft("1", "10.00");
        send(enough);
    }

    @Test
    void aDraftThatSomebodyChangedMeanwhileIsLookedAtAgain() {
        UUID id = draft("1", "30.00");
        as(() -> {
            invoices.change(id, 1, wanted("1", "40.00"));
            return id;
        });
        refused(
                Refusal.CHANGED_MEANWHILE,
                () -> as(() -> {
                    invoices.change(id, 1, wanted("1", "50.00"));
                    return id;
                }));
        hospital.run(() -> assertThat(invoices.get(id).total()).isEqualTo(usd("40.00")));
    }

    @Test
    void wrongInvoicesAreRefusedWithTheReason() {
        refused(Refusal.INVALID_INPUT, () -> draft("0", "30.00"));
        refused(Refusal.INVALID_INPUT, () -> draft("1", "-30.00"));
        refused(
                Refusal.INVALID_INPUT,
                () -> as(() -> invoices.draft(new NewInvoice(
                        account,
                        InvoiceType.INSURANCE,
                        InvoiceSetting.OUTPATIENT,
                        null,
                        TODAY,
                        null,
                        null,
                        wanted("1", "5").lines()))));
        refused(
                Refusal.INVALID_INPUT,
                () -> as(() -> invoices.draft(new NewInvoice(
                        account,
                        InvoiceType.PATIENT,
                        InvoiceSetting.OUTPATIENT,
                        null,
                        TODAY,
                        TODAY.minusDays(1),
                        null,
                        wanted("1", "5").lines()))));
        refused(
                Refusal.INVOICE_EXCEEDS_SHARE,
                () -> as(() -> invoices.draft(new NewInvoice(
                        account,
                        InvoiceType.PATIENT,
                        InvoiceSetting.OUTPATIENT,
                        null,
                        TODAY,
                        null,
                        null,
                        List.of(new NewInvoice.Line(TODAY, "Share", null, 1, usd("5.00"), UUID.randomUUID()))))));
    }

    @Test
    void theApiDraftsSendsAndVoidsAnInvoice() throws Exception {
        var api = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        var drafted = api.json("POST", "/billing/invoices", """
                {"accountId": "%s", "type": "self_pay", "careSetting": "emergency",
                 "lines": [{"serviceDate": "%s", "description": "Visit", "cptCode": "99283", "quantity": 1, "unitPrice": "250.00"}]}
                """.formatted(account, TODAY));
        assertThat(drafted.statusCode()).isEqualTo(201);
        String location = drafted.headers().firstValue("Location").orElseThrow();
        assertThat(api.json("POST", location + "/send", "{\"method\": \"portal\"}")
                        .body())
                .contains("\"status\":\"sent\"", "\"amountDue\":\"250.00\"");
        assertThat(api.get("/billing/invoices?status=sent").body()).contains("\"totalAmount\":\"250.00\"");
        assertThat(api.json("POST", location + "/void", "{\"reason\": \"Duplicate\"}")
                        .body())
                .contains("\"status\":\"void\"", "\"amountDue\":\"0.00\"");
        assertThat(api.json("POST", location + "/send", "{\"method\": \"portal\"}")
                        .statusCode())
                .isEqualTo(409);
        assertThat(api.json("POST", "/billing/invoices", "{\"accountId\": \"" + account + "\"}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void theRecipientHasSeenAnInvoiceFromTheFirstTimeThatSomebodySaysSo() {
        UUID id = draft("1", "80.00");
        refused(Refusal.INVOICE_NOT_IN_STATE, () -> hospital.run(() -> invoices.viewed(id)));
        send(id);
        var api = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        String path = "/billing/invoices/" + id;

        assertThat(api.json("POST", path + "/view", "").body()).contains("\"status\":\"viewed\"");

        var first = hospital.call(() -> invoices.get(id).viewedAt());
        assertThat(first).isNotNull();
        assertThat(api.json("POST", path + "/view", "").statusCode()).isEqualTo(200);
        hospital.run(() -> {
            assertThat(invoices.get(id).viewedAt()).isEqualTo(first);
            assertThat(invoices.list(new InvoiceFilter(InvoiceStatus.VIEWED, false, account, null, 10)))
                    .hasSize(1);
            assertThat(invoices.get(id).status().isOpen()).isTrue();
        });
        var analyst = TestClient.api(port, hospital.signInName(Role.ANALYST), TestHospital.PASSWORD);
        assertThat(analyst.json("POST", path + "/view", "").statusCode()).isEqualTo(403);
    }

    @Test
    void anInvoiceIsSavedAsPdfFromItsPageAndOverTheApi() {
        UUID id = draft("1", "80.00");
        send(id);
        String number = hospital.call(() -> invoices.get(id).number());
        var browser = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(browser.get("/app/invoices/" + id).body()).contains("/app/invoices/" + id + "/pdf");

        for (var answer : List.of(
                browser.get("/app/invoices/" + id + "/pdf"),
                TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                        .get("/billing/invoices/" + id + "/pdf"))) {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).startsWith("%PDF-");
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/pdf");
            assertThat(answer.headers().firstValue("Content-Disposition"))
                    .hasValue("attachment; filename=\"" + number + ".pdf\"");
        }
        assertThat(TestClient.api(port, hospital.signInName(Role.ANALYST), TestHospital.PASSWORD)
                        .get("/billing/invoices/" + id + "/pdf")
                        .statusCode())
                .isEqualTo(403);
    }

    private UUID draft(String quantity, String price) {
        return as(() -> invoices.draft(wanted(quantity, price)));
    }

    private NewInvoice wanted(String quantity, String price) {
        return new NewInvoice(
                account,
                InvoiceType.PATIENT,
                InvoiceSetting.OUTPATIENT,
                null,
                TODAY,
                null,
                null,
                List.of(new NewInvoice.Line(TODAY, "Visit", "99213", Integer.parseInt(quantity), usd(price), null)));
    }

    private void send(UUID id) {
        as(() -> {
            invoices.send(id, Delivery.MAIL);
            return id;
        });
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
