package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** The pages and resources of batches, returns and checks, with something in them. */
@BooksTest
class PayoutPagesIntegrationTests {

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    PayoutBooks books;

    @BeforeEach
    void openHospital() {
        books = new PayoutBooks(context);
        books.bankAccount("123456789");
    }

    @Test
    void aBatchIsReleasedLookedAtAndTaken() {
        UUID refund = books.approved(RefundMethod.ACH, "120.00");
        var clerk = browser(Role.BILLING_CLERK);
        assertThat(clerk.get("/app/refunds/ach").body())
                .contains("Checking ending 6789", "Whoever requested")
                .doesNotContain("Release <");
        var staff = browser(Role.ACCOUNTING_STAFF);
        assertThat(staff.get("/app/refunds/ach").body()).contains("Ready");

        staff.post("/app/refunds/ach/batches", Map.of());

        AchBatch batch = books.books
                .hospital
                .call(() -> books.bean(AchBatches.class).list(1))
                .getFirst();
        assertThat(staff.get("/app/refunds/ach/batches/" + batch.id()).body())
                .contains(batch.number(), "091000010000001", "Ending 6789")
                .doesNotContain("123456789<");
        assertThat(staff.post("/app/refunds/ach/batches/" + batch.id() + "/file", Map.of())
                        .body())
                .startsWith("101 091000019");
        assertThat(staff.get("/app/refunds/" + refund).body()).contains("complete when the bank has not returned it");

        books.books.hospital.run(() -> books.bean(AchReturns.class)
                .receive(
                        "ach-returns",
                        "returns.ach",
                        NachaReturns.file()
                                .notice("C01", "091000010000001", "1918171614")
                                .returned("R02", "091000010000001", 12_000)
                                .bytes()));
        assertThat(clerk.get("/app/refunds/ach/returns").body()).contains("account ending 1614", "Change it");
        assertThat(clerk.get("/app/refunds/ach/returns?show=all").body()).contains("R02", "Account closed");
        assertThat(clerk.get("/app/refunds/" + refund).body()).contains("Came back as", "R02");
        assertThat(clerk.get("/app/patient-accounts/" + books.account).body())
                .contains("Bank account for refunds", "R02 Account closed", "Mail address of the patient");
        var api = api(Role.ACCOUNTING_STAFF);
        assertThat(api.get("/billing/refunds/ach/batches/" + batch.id()).body())
                .contains("\"returnCode\":\"R02\"", "\"last4\":\"6789\"");
        assertThat(api.get("/billing/refunds/ach/returns?open=true").body()).contains("\"code\":\"C01\"");
        assertThat(api.get("/billing/patient-accounts/" + books.account + "/bank-accounts")
                        .body())
                .contains("\"usable\":false")
                .doesNotContain("123456789");
    }

    @Test
    void aCheckIsPrintedVoidedAndInTheRegister() {
        RefundCheck check = books.paidByCheck("120.00", null, 70_001);
        var staff = browser(Role.ACCOUNTING_STAFF);
        String page = "/app/refunds/checks/" + check.id();
        assertThat(staff.get("/app/refunds/checks").body()).contains("1001", "Núñez, Ana", "Not yet");
        assertThat(staff.get(page).body()).contains("Reissue under the next number", "Void");

        var print = staff.post(page + "/print", Map.of());
        assertThat(print.headers().firstValue("Content-Type")).contains("application/pdf");
        assertThat(print.body()).startsWith("%PDF-");
        staff.post(page + "/void", Map.of("version", "1", "reason", "Wrong payee"));

        assertThat(staff.get(page).body()).contains("Voided", "Wrong payee").doesNotContain("Reissue under");
        assertThat(staff.get("/app/refunds/checks?show=voided").body()).contains("1001", "1 time");
        var api = api(Role.ACCOUNTING_STAFF);
        assertThat(api.get("/billing/refunds/checks?state=voided").body()).contains("\"number\":\"1001\"");
        assertThat(api.json(
                                "POST",
                                "/billing/refunds/checks/" + check.id() + "/stop",
                                "{\"version\": 2, \"reason\": \"Lost\"}")
                        .statusCode())
                .isEqualTo(409);
    }

    @Test
    void whatLeftByTransferOrInCashAndCameBackIsOwedAgainOnce() {
        UUID transfer = paidByHand(RefundMethod.WIRE, "120.00", "W-1", 81_001);
        UUID cash = paidByHand(RefundMethod.CASH, "40.00", "", 81_002);
        RefundCheck check = books.paidByCheck("30.00", null, 81_003);
        String page = "/app/refunds/" + transfer;
        var staff = browser(Role.ACCOUNTING_STAFF);
        assertThat(staff.get(page).body()).contains("It came back");
        assertThat(staff.post(page + "/return", Map.of("reason", " ")).statusCode())
                .isEqualTo(400);
        assertThat(browser(Role.ANALYST)
                        .post(page + "/return", Map.of("reason", "Because"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(books.books.refund(transfer).status()).isEqualTo(RefundStatus.COMPLETED);

        staff.post(page + "/return", Map.of("reason", "Beneficiary unknown"));

        assertThat(books.books.refund(transfer).status()).isEqualTo(RefundStatus.RETURNED);
        assertThat(books.clearing("refund", books.books.refund(transfer).number()))
                .isEqualTo(usd("0.00"));
        assertThat(staff.get(page).body())
                .contains("Came back", "Beneficiary unknown", "wire returned")
                .doesNotContain("It came back");
        books.books.hospital.run(() -> assertThat(books.bean(Refunds.class)
                        .refundable(books.books.refund(transfer).paymentId()))
                .isEqualTo(usd("120.00")));

        var api = api(Role.ACCOUNTING_STAFF);
        String body = "{\"reason\": \"The patient brought it back\"}";
        assertThat(api.json("POST", "/billing/refunds/" + transfer + "/return", body)
                        .statusCode())
                .as("booked once")
                .isEqualTo(409);
        assertThat(api.json("POST", "/billing/refunds/" + check.refundId() + "/return", body)
                        .body())
                .contains("a check is voided or stopped");
        assertThat(api.json("POST", "/billing/refunds/" + cash + "/return", "{}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(api.json("POST", "/billing/refunds/" + cash + "/return", body)
                        .body())
                .contains("\"status\":\"returned\"");
        books.books.hospital.run(() -> assertThat(books.bean(ChartOfAccounts.class)
                        .get(StandardAccount.PETTY_CASH)
                        .balance())
                .isEqualTo(usd("0.00")));
        Invariants.ofTests().hold();
    }

    private UUID paidByHand(RefundMethod method, String amount, String reference, long task) {
        UUID refund = books.approved(method, amount);
        books.payOut(refund, task, reference);
        books.books.hospital.run(() -> books.bean(RefundBooking.class).complete(refund));
        return refund;
    }

    @Test
    void theBoardOfRefundsHasAColumnPerStateAndIsNarrowedByAmountAndAge() {
        String pending = number(books.requested(RefundMethod.CHECK, "20.00"));
        String processing = number(books.approved(RefundMethod.CHECK, "300.00"));
        var clerk = browser(Role.BILLING_CLERK);

        String board = clerk.get("/app/refunds?show=board").body();
        assertThat(board.split("rf-column")).as("four columns").hasSize(5);
        assertThat(board).contains(pending, processing);
        assertThat(board.indexOf(pending)).as("pending comes first").isLessThan(board.indexOf(processing));
        assertThat(clerk.get("/app/refunds?show=board&minimum=100.00").body())
                .contains(processing)
                .doesNotContain(pending);
        assertThat(clerk.get("/app/refunds?show=pending").body())
                .contains(pending)
                .doesNotContain(processing);
        assertThat(clerk.get("/app/refunds?show=board&days=3").body()).doesNotContain(pending, processing);
        assertThat(clerk.get("/app/refunds?show=nonsense").statusCode()).isEqualTo(400);
        assertThat(clerk.get("/app/refunds?minimum=much").statusCode()).isEqualTo(400);
        assertThat(browser(Role.ORG_ADMIN).get("/app/refunds?show=board").statusCode())
                .isEqualTo(403);
    }

    private String number(UUID refund) {
        return books.books.refund(refund).number();
    }

    @Test
    void theOriginatorIsForAdministratorsAndItsNumbersAreChecked() {
        assertThat(browser(Role.BILLING_CLERK)
                        .get("/app/refunds/ach/originator")
                        .statusCode())
                .isEqualTo(403);
        var admin = browser(Role.ORG_ADMIN);
        assertThat(admin.get("/app/refunds/ach/originator").body()).contains("091000019", "RIVERSIDE HOSP");
    }

    @Test
    void theOriginatorAndTheCheckBooksAreSetByRestToo() {
        assertThat(api(Role.BILLING_CLERK)
                        .get("/billing/refunds/ach/originator")
                        .statusCode())
                .isEqualTo(403);
        var api = api(Role.ORG_ADMIN);
        String originator = api.get("/billing/refunds/ach/originator").body();
        assertThat(originator).contains("\"odfiRouting\":\"091000019\"");
        String body = originator
                .substring("{\"originator\":".length(), originator.length() - 1)
                .replace("RIVERSIDE HOSP", "LAKESIDE HOSP");

        assertThat(api.json("PUT", "/billing/refunds/ach/originator", body).statusCode())
                .isEqualTo(200);
        assertThat(api.json("PUT", "/billing/refunds/ach/originator", body.replace("091000019", "091000018"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(api.get("/billing/refunds/ach/originator").body()).contains("LAKESIDE HOSP", "091000019");

        String books = api.get("/billing/refunds/check-books").body();
        String book = books.substring(books.indexOf("\"id\":\"") + 6, books.indexOf("\"id\":\"") + 42);
        assertThat(api.json(
                                "PUT",
                                "/billing/refunds/check-books/" + book,
                                "{\"name\": \"Operating\", \"nextNumber\": 7001, \"staleDays\": 90}")
                        .body())
                .contains("\"nextNumber\":7001", "\"staleDays\":90");
        assertThat(api.json(
                                "PUT",
                                "/billing/refunds/check-books/" + book,
                                "{\"name\": \"Operating\", \"nextNumber\": 7001, \"staleDays\": 10}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aBankAccountIsEnteredByRestAndShownByItsLastFourDigits() {
        var api = api(Role.BILLING_CLERK);
        String path = "/billing/patient-accounts/" + books.account + "/bank-accounts";

        assertThat(api.json("POST", path, "{\"routingNumber\": \"021000022\", \"accountNumber\": \"55556666\"}")
                        .statusCode())
                .isEqualTo(400);
        var entered = api.json(
                "POST",
                path,
                "{\"routingNumber\": \"021000021\", \"accountNumber\": \"55556666\", \"accountType\": \"savings\"}");

        assertThat(entered.statusCode()).isEqualTo(201);
        assertThat(entered.body())
                .contains("\"last4\":\"6666\"", "\"type\":\"savings\"")
                .doesNotContain("55556666");
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(books.books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private TestClient api(Role role) {
        return TestClient.api(port, books.books.hospital.signInName(role), TestHospital.PASSWORD);
    }
}
