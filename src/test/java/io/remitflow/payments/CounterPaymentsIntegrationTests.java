package io.remitflow.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
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
import io.remitflow.payments.CounterPayments.Kind;
import io.remitflow.payments.CounterPayments.Open;
import io.remitflow.payments.CounterPayments.Part;
import io.remitflow.payments.CounterPayments.Proposed;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Cash, checks and cards at the desk (S4 8.3 and 8.4). */
@BooksTest
class CounterPaymentsIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    CounterPayments counter;

    @Autowired
    Payments payments;

    @Autowired
    Invoices invoices;

    @Autowired
    PatientAccounts accounts;

    @LocalServerPort
    int port;

    TestHospital hospital;
    UUID account;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        account = as(() ->
                accounts.open(new NewPatientAccount("patient-" + UUID.randomUUID(), null, "Nguyễn", "Hà", null, null)));
    }

    @Test
    void theOldestInvoiceIsProposedFirstToTheCentAndTheRestLiesOnTheAccount() {
        UUID newer = invoice(today().minusDays(1), "50.00");
        UUID older = invoice(today().minusDays(9), "30.10");

        assertThat(proposed("45.00")).containsExactly(older + " 30.10", newer + " 14.90");
        assertThat(proposed("100.00")).containsExactly(older + " 30.10", newer + " 50.00");

        UUID id = take(cash("100.00"), part(older, "30.10"), part(newer, "50.00"));

        assertThat(invoiceOf(older).status().key()).isEqualTo("paid");
        assertThat(invoiceOf(newer).due()).isEqualTo(usd("0.00"));
        assertThat(balance()).as("19.90 lie on the account").isEqualTo(usd("-19.90"));
        assertThat(ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("100.00"));
        assertThat(ledger(StandardAccount.AR_PATIENTS)).isEqualTo(balance());
        assertThat(as(() -> counter.allocations(id)))
                .extracting(PaymentAllocation::amount)
                .containsExactly(usd("30.10"), usd("50.00"));
    }

    @Test
    void whatAnInvoiceBillsOfAClaimIsPaidOnTheClaimTooAndNeverBilledAgain() {
        UUID claim = claimWithShare("75.00");
        UUID invoice = as(() -> {
            UUID id = invoices.draft(new NewInvoice(
                    account,
                    InvoiceType.PATIENT,
                    InvoiceSetting.OUTPATIENT,
                    null,
                    today(),
                    null,
                    null,
                    List.of(
                            new NewInvoice.Line(today(), "Visit", null, 1, usd("20.00"), null),
                            new NewInvoice.Line(today(), "Your share", null, 1, usd("75.00"), claim))));
            invoices.send(id, Delivery.MAIL);
            return id;
        });

        take(cash("50.00"), part(invoice, "50.00"));
        assertThat(as(() -> accounts.patientBalanceOfClaim(claim)))
                .as("20.00 for the visit, then 30.00 of the share")
                .isEqualTo(usd("45.00"));

        take(cash("45.00"), part(invoice, "45.00"));
        assertThat(as(() -> accounts.patientBalanceOfClaim(claim))).isEqualTo(usd("0.00"));
        assertThat(as(() -> invoices.unbilledShare(claim))).isEqualTo(usd("0.00"));
        assertThat(balance()).isEqualTo(usd("0.00"));
        assertThat(as(() -> counter.open(account))).isEmpty();
    }

    @Test
    void aShareThatNoInvoiceBillsIsPaidOnItsClaim() {
        UUID claim = claimWithShare("75.00");
        assertThat(as(() -> counter.open(account)))
                .extracting(Open::kind, Open::due)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Kind.CLAIM, usd("75.00")));

        UUID id = take(cash("75.00"), new Part(Kind.CLAIM, claim, usd("75.00")));

        assertThat(as(() -> payments.get(id)).claimId())
                .as("so that it can be refunded to it")
                .isEqualTo(claim);
        assertThat(as(() -> accounts.patientBalanceOfClaim(claim))).isEqualTo(usd("0.00"));
    }

    @Test
    void nothingIsPaidTwiceNorMoreThanItIs() {
        UUID invoice = invoice(today(), "50.00");
        UUID foreign = as(() -> {
            UUID other = accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID()));
            return invoiceOn(other, today(), "50.00");
        });

        refused(Refusal.CHANGED_MEANWHILE, () -> take(cash("60.00"), part(invoice, "50.01")));
        refused(Refusal.CHANGED_MEANWHILE, () -> take(cash("60.00"), part(foreign, "50.00")));
        refused(Refusal.INVALID_INPUT, () -> take(cash("40.00"), part(invoice, "50.00")));
        refused(Refusal.INVALID_INPUT, () -> take(cash("50.00"), part(invoice, "20.00"), part(invoice, "30.00")));
        refused(Refusal.INVALID_INPUT, () -> take(cash("0.00")));

        assertThat(balance()).isEqualTo(usd("50.00"));
        assertThat(ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("0.00"));
    }

    @Test
    void aCheckNeedsItsOwnNumberAndADateThatABankTakes() {
        take(check("1001", "10.00"), today().minusDays(3));

        refused(Refusal.INVALID_INPUT, () -> take(check(null, "10.00")));
        refused(Refusal.INVALID_INPUT, () -> take(check("⑆021000021⑆ 1234567⑈ 1001", "10.00")));
        refused(Refusal.INVALID_INPUT, () -> take(check("1001", "10.00"), today().plusDays(1)));
        refused(
                Refusal.INVALID_INPUT,
                () -> take(check("1001", "10.00"), today().minusMonths(6).minusDays(1)));
        refused(
                Refusal.INVALID_INPUT,
                () -> take(new NewPayment(
                        account,
                        null,
                        today(),
                        usd("10.00"),
                        PaymentMethod.CASH,
                        "4242 4242 4242 4242",
                        null,
                        null,
                        null)));
        assertThat(ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(usd("10.00"));
    }

    @Test
    void aCheckThatPaidOnTheAccountBeforeIsTakenOnlyIfAPersonSaysThatItIsAnotherOne() {
        take(check("0001001", "10.00"), today());

        refused(Refusal.CHECK_TAKEN_BEFORE, () -> take(check("1001", "10.00"), today()));
        take(check("1001", "10.01"), today());
        take(check("1002", "10.00"), today());
        take(cash("10.00"));
        UUID other = as(() -> accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
        take(NewPayment.check(other, null, today(), usd("10.00"), "1001"));
        assertThat(balance()).isEqualTo(usd("-40.01"));

        TestClient clerk = browser(Role.BILLING_CLERK);
        var form = new HashMap<>(form(
                clerk.get("/app/payments/new?account=" + account).body(), "10.00", "INVOICE:" + UUID.randomUUID(), ""));
        form.keySet().removeAll(List.of("part", "partAmount"));
        form.put("method", "check");
        form.put("checkNumber", "1001");
        assertThat(clerk.post("/app/payments", form).body())
                .contains("paid on this account already", "It is another check");
        form.put("anotherCheck", "true");
        assertThat(clerk.post("/app/payments", form).statusCode()).isEqualTo(302);
        assertThat(balance()).isEqualTo(usd("-50.01"));
    }

    @Test
    void theReceiptSaysWhatWasPaidAndStaysAsItWas() throws IOException {
        UUID invoice = invoice(today().minusDays(3), "80.00");
        UUID id = take(check("1001", "100.00"), today(), part(invoice, "80.00"));
        String number = as(() -> payments.get(id)).number();
        take(cash("5.00"));

        String text = text(as(() -> counter.receipt(id)));

        assertThat(text)
                .contains("Receipt number " + number)
                .contains("Nguyễn, Hà")
                .contains(as(() -> accounts.get(account)).number())
                .contains("Check 1001 of " + today())
                .contains("Invoice " + invoiceOf(invoice).number() + " 80.00")
                .contains("On the account 20.00")
                .contains("Paid 100.00")
                .contains("Balance of the account after this payment -20.00");
    }

    @Test
    void theFormSentTwiceAtTheSameTimeIsOnePayment() throws Exception {
        UUID invoice = invoice(today(), "50.00");
        TestClient clerk = browser(Role.BILLING_CLERK);
        String page = clerk.get("/app/payments/new?account=" + account).body();
        assertThat(page).contains(invoiceOf(invoice).number(), "Take the payment");
        Map<String, String> form = form(page, "60.00", "INVOICE:" + invoice, "50.00");
        var together = new CyclicBarrier(2);
        Callable<String> send = () -> {
            TestClient one = browser(Role.BILLING_CLERK);
            one.get("/app/payments/new?account=" + account);
            together.await();
            return one.post("/app/payments", form)
                    .headers()
                    .firstValue("Location")
                    .orElse("none");
        };

        String first;
        String second;
        try (var people = Executors.newFixedThreadPool(2)) {
            List<Future<String>> answers = people.invokeAll(List.of(send, send));
            first = answers.get(0).get();
            second = answers.get(1).get();
        }

        assertThat(first).contains("/app/payments/").isEqualTo(second);
        assertThat(as(() -> payments.ofAccount(account))).hasSize(1);
        assertThat(balance()).isEqualTo(usd("-10.00"));
        String payment = clerk.get(first.substring(first.indexOf("/app"))).body();
        assertThat(payment).contains("Receipt", invoiceOf(invoice).number(), "50.00");
    }

    @Test
    void theFormShowsWhatAnAmountPaysBeforeItIsTaken() {
        UUID invoice = invoice(today(), "50.00");
        TestClient clerk = browser(Role.BILLING_CLERK);

        assertThat(clerk.get("/app/payments/new/%s/allocation?amount=1,060.00".formatted(account))
                        .body())
                .contains("value=\"50.00\"", "1,010.00")
                .doesNotContain("<main");
        String page = clerk.get("/app/payments/new?account=" + account).body();
        Map<String, String> form = new java.util.HashMap<>(form(page, "20.00", "INVOICE:" + invoice, "0.00"));
        form.put("proposedFor", "");
        HttpResponse<String> again = clerk.post("/app/payments", form);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).contains("Look at what it pays", "value=\"20.00\"");
        assertThat(as(() -> payments.ofAccount(account))).isEmpty();

        assertThat(clerk.get("/app/payments").body()).contains("Take a payment");
        assertThat(clerk.get("/app/patient-accounts/" + account).body())
                .contains("/app/payments/new?account=" + account);
        String number = as(() -> accounts.get(account)).number();
        assertThat(clerk.get("/app/payments/new?number=" + number).body()).contains("Nguyễn, Hà");
        assertThat(browser(Role.ANALYST)
                        .get("/app/payments/new?account=" + account)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void restTakesTheSameAllocationAndGivesTheReceipt() {
        UUID invoice = invoice(today(), "50.00");
        TestClient api = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        HttpResponse<String> taken =
                api.json("POST", "/billing/payments", """
                {"accountId": "%s", "date": "%s", "amount": "60.00", "method": "check", "reference": "77",
                 "checkDate": "%s", "allocations": [{"invoiceId": "%s", "amount": "50.00"}]}
                """.formatted(account, today(), today(), invoice));

        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(201);
        assertThat(invoiceOf(invoice).status().key()).isEqualTo("paid");
        String location = taken.headers().firstValue("Location").orElseThrow();
        assertThat(api.get(location + "/allocations").body()).contains(invoice.toString(), "50.00");
        HttpResponse<String> receipt = api.get(location + "/receipt");
        assertThat(receipt.statusCode()).isEqualTo(200);
        assertThat(receipt.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("receipt-PM-");
        assertThat(api.json("POST", "/billing/payments", """
                                {"accountId": "%s", "date": "%s", "amount": "60.00", "method": "cash",
                                 "allocations": [{"amount": "50.00"}]}
                                """.formatted(account, today()))
                        .statusCode())
                .isEqualTo(400);
    }

    private static Map<String, String> form(String page, String amount, String part, String partAmount) {
        var key = Pattern.compile("name=\"key\" value=\"([^\"]+)\"").matcher(page);
        assertThat(key.find()).isTrue();
        var account = Pattern.compile("name=\"account\" id=\"account\" value=\"([^\"]+)\"")
                .matcher(page);
        assertThat(account.find()).isTrue();
        var date = Pattern.compile("name=\"date\" required(?:=\"[^\"]*\")? value=\"([^\"]+)\"")
                .matcher(page);
        assertThat(date.find()).isTrue();
        return Map.of(
                "account",
                account.group(1),
                "key",
                key.group(1),
                "date",
                date.group(1),
                "method",
                "cash",
                "amount",
                amount,
                "proposedFor",
                amount,
                "part",
                part,
                "partAmount",
                partAmount);
    }

    private List<String> proposed(String amount) {
        return as(() -> counter.propose(account, usd(amount))).stream()
                .map((Proposed each) ->
                        each.open().id() + " " + each.amount().getAmount().toPlainString())
                .toList();
    }

    private UUID take(NewPayment payment, Part... parts) {
        return take(payment, null, parts);
    }

    private UUID take(NewPayment payment, @Nullable LocalDate checkDate, Part... parts) {
        return as(() -> counter.take(payment, checkDate, List.of(parts)));
    }

    private NewPayment cash(String amount) {
        return new NewPayment(account, null, today(), usd(amount), PaymentMethod.CASH, null, null, null, null);
    }

    private NewPayment check(@Nullable String number, String amount) {
        return new NewPayment(account, null, today(), usd(amount), PaymentMethod.CHECK, number, null, null, null);
    }

    private static Part part(UUID invoice, String amount) {
        return new Part(Kind.INVOICE, invoice, usd(amount));
    }

    private UUID invoice(LocalDate service, String amount) {
        return as(() -> invoiceOn(account, service, amount));
    }

    private UUID invoiceOn(UUID of, LocalDate service, String amount) {
        UUID id = invoices.draft(new NewInvoice(
                of,
                InvoiceType.PATIENT,
                InvoiceSetting.OUTPATIENT,
                null,
                service,
                null,
                null,
                List.of(new NewInvoice.Line(service, "Visit", null, 1, usd(amount), null))));
        invoices.send(id, Delivery.MAIL);
        return id;
    }

    private UUID claimWithShare(String share) {
        return as(() -> {
            UUID payer = context.getBean(Payers.class)
                    .create(new NewPayer("Greenleaf", "commercial", "GL" + UUID.randomUUID()));
            UUID claim = context.getBean(Claims.class)
                    .create(new NewClaim(
                            account,
                            payer,
                            "C" + UUID.randomUUID().toString().substring(0, 8),
                            CareSetting.OUTPATIENT,
                            today(),
                            List.of(NewClaim.Line.procedure("99213", today(), usd("200.00")))));
            accounts.record(new AccountPosting(
                    account,
                    today(),
                    TransactionType.TRANSFER,
                    Responsibility.PATIENT,
                    usd(share),
                    claim,
                    null,
                    null,
                    null,
                    "Patient share",
                    "share:" + claim));
            return claim;
        });
    }

    private Invoice invoiceOf(UUID id) {
        return as(() -> invoices.get(id));
    }

    private Money balance() {
        return as(() -> accounts.get(account)).patientBalance();
    }

    private Money ledger(StandardAccount of) {
        return as(() -> context.getBean(ChartOfAccounts.class).get(of).balance());
    }

    private LocalDate today() {
        return hospital.call(context.getBean(Organizations.class)::today);
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(hospital.signInName(role), TestHospital.PASSWORD);
    }

    private static String text(byte[] pdf) throws IOException {
        try (var document = Loader.loadPDF(pdf)) {
            return new PDFTextStripper().getText(document);
        }
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
