package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.util.ArrayList;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Pages and REST of the bank reconciliation over HTTP. */
@BooksTest
class BankReconciliationWebIntegrationTests {

    private static final String API = "/accounting/bank-reconciliations";
    private static final String PAGES = "/app/reconciliation/bank";

    @Autowired
    ApplicationContext context;

    @Autowired
    ObjectMapper json;

    @LocalServerPort
    int port;

    BankPeriodBooks books;
    TestClient api;
    TestClient pages;

    @BeforeEach
    void openBooks() {
        books = new BankPeriodBooks(context);
        api = TestClient.api(port, books.hospital.signInName(Role.ACCOUNTING_STAFF), TestHospital.PASSWORD);
        pages = TestClient.browser(port)
                .signIn(books.hospital.signInName(Role.ACCOUNTING_STAFF), TestHospital.PASSWORD);
    }

    @Test
    void anEmptyListSaysWhatToDoNext() {
        assertThat(pages.get(PAGES).body())
                .contains("No period was reconciled yet")
                .contains("Import a statement with balances");
    }

    @Test
    void aPeriodIsBegunWorkedOnAndDownloadedOverTheApi() throws Exception {
        books.t1();
        String start = "{\"bankAccountId\":\"%s\",\"periodEnd\":\"%s\"}".formatted(books.account, books.end());
        var created = api.json("POST", API, start);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        JsonNode begun = json.readTree(created.body());
        String id = begun.at("/id").asText();
        assertThat(begun.at("/status").asText()).isEqualTo("in_progress");
        var repeated = api.json("POST", API, start);
        assertThat(repeated.statusCode()).isEqualTo(409);
        assertThat(json.readTree(repeated.body()).at("/code").asText()).isEqualTo("period-out-of-order");

        JsonNode figures = json.readTree(api.get(API + "/" + id).body()).at("/figures");
        assertThat(figures.at("/closing/adjustedBank").asText()).isEqualTo("3360.20");
        assertThat(figures.at("/closing/adjustedBook").asText()).isEqualTo("3360.20");
        assertThat(figures.at("/difference").asText()).isEqualTo("0.00");

        String fee = books.unbooked(UUID.fromString(id), "-25.00").id().toString();
        String book = "{\"account\":\"8140\",\"reason\":\"Monthly fee\"}";
        var booked = api.json("POST", "%s/%s/lines/%s/booking".formatted(API, id, fee), book);
        assertThat(booked.statusCode()).as(booked.body()).isEqualTo(200);
        assertThat(api.json("POST", "%s/%s/lines/%s/booking".formatted(API, id, fee), book)
                        .body())
                .isEqualTo(booked.body());
        String returned = books.unbooked(UUID.fromString(id), "-490.00").id().toString();
        var carried = api.json(
                "POST",
                "%s/%s/lines/%s/decision".formatted(API, id, returned),
                "{\"decision\":\"carried\",\"reason\":\"The payer is asked\"}");
        assertThat(carried.statusCode()).as(carried.body()).isEqualTo(200);
        assertThat(json.readTree(carried.body())
                        .at("/figures/closing/unbookedDebits")
                        .asText())
                .isEqualTo("490.00");
        String known = json.readTree(carried.body()).at("/figures/knownAt").asText();
        assertThat(api.get("%s/%s?known=%s".formatted(API, id, known)).statusCode())
                .isEqualTo(200);

        assertThat(api.get("%s/%s/report.pdf".formatted(API, id))).satisfies(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).startsWith("%PDF");
            assertThat(answer.headers().firstValue("Content-Disposition").orElse(""))
                    .contains("attachment", ".pdf");
        });
        assertThat(api.get("%s/%s/report.xlsx".formatted(API, id))).satisfies(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).startsWith("PK");
        });
        assertThat(json.readTree(api.get(API).body()).at("/items")).hasSize(1);
    }

    @Test
    void theWorkspaceShowsBothSidesAndBooksALine() {
        books.t1();
        UUID id = books.start(books.end());
        String page = pages.get(PAGES + "/" + id).body();
        assertThat(page)
                .contains("3,360.20")
                .contains("MONTHLY FEE")
                .contains("check 100123")
                .contains("deposit DEPOSIT778")
                .contains("8140 Bank Fees")
                .contains("Proof of cash");

        String line = books.unbooked(id, "-25.00").id().toString();
        var answer = pages.post(
                "%s/%s/lines/%s".formatted(PAGES, id, line),
                Map.of("what", "account:8140", "reason", "Monthly fee <script>alert(1)</script>"));
        assertThat(answer.statusCode()).isIn(302, 303);

        String after = pages.get(PAGES + "/" + id).body();
        assertThat(after)
                .contains("Recorded.")
                .contains("3,850.20")
                .contains("What lines were taken for")
                .doesNotContain("/lines/" + line)
                .doesNotContain("<script>alert");
        String tiles = pages.get(PAGES + "/" + id + "/difference").body();
        assertThat(tiles).contains("every 20s").contains("0.00").doesNotContain("<html");
    }

    @Test
    void theWorkspaceSaysHowManyLinesItDoesNotShow() {
        var lines = new ArrayList<BankPeriodBooks.Line>();
        for (int i = 1; i <= 201; i++) {
            lines.add(BankPeriodBooks.line(books.day(2), "1.%02d".formatted(i % 100), "NOBODYS" + i, "TRANSFER " + i));
        }
        books.statement(books.day(1).minusDays(1), books.end(), "1000.00", lines.toArray(BankPeriodBooks.Line[]::new));

        assertThat(pages.get(PAGES + "/" + books.start(books.end())).body())
                .contains("The first 200 of 201; the report holds all of them");
    }

    @Test
    void theWorkspaceShowsTheSuggestionsOfItsAccountHoweverManyOthersAreNewer() {
        books.post(books.next(books.day(2))
                .debit("1070", BankPeriodBooks.usd("61.00"), new ClearingReference("check", "880001"))
                .credit("4200", BankPeriodBooks.usd("61.00"), null));
        books.statement(
                books.day(1).minusDays(1),
                books.end(),
                "1000.00",
                BankPeriodBooks.line(books.day(3), "61.00", "NONREF", "COUNTER CREDIT"));
        books.sql("""
                insert into accounting_bank_matches (org_id, id, status, rule, rule_title, evidence, considered, undecided,
                    certificate, content_key, suggested_at)
                select '%s', ('ffffffff-ffff-7fff-8fff-' || lpad(n::text, 12, '0'))::uuid, 'suggested', 'test', 'Of another account',
                    '', 0, false, '[]', 'other ' || n, now()
                from generate_series(1, 200) n returning content_key
                """.formatted(books.hospital.id().value()));

        assertThat(pages.get(PAGES + "/" + books.start(books.end())).body())
                .contains("Suggested matches (1)")
                .contains("880001")
                .doesNotContain("Of another account");
        books.sql("delete from accounting_bank_matches where rule = 'test' returning content_key");
    }

    @Test
    void aWrongClickIsSeenBeforeItIsUndoneAndStandsInTheTimeline() {
        books.t1();
        UUID id = books.start(books.end());
        UUID line = books.unbooked(id, "-25.00").id();
        assertThat(pages.get(PAGES + "/" + id).body()).contains("MONTHLY FEE");
        pages.post(
                "%s/%s/lines/%s".formatted(PAGES, id, line),
                Map.of("what", "account:9100", "reason", "Interest of June"));
        String undo = "%s/%s/undoing?match=%s"
                .formatted(
                        PAGES,
                        id,
                        books.sql("select id::text from accounting_bank_matches")
                                .getFirst());
        assertThat(pages.get(PAGES + "/" + id).body())
                .contains("Interest of June")
                .contains(undo);

        assertThat(pages.get(undo).body())
                .contains("In bank suspense again")
                .contains("25.00")
                .contains("JE-");
        assertThat(pages.post(undo, Map.of("reason", "It is a fee")).statusCode())
                .isIn(302, 303);

        assertThat(pages.get(PAGES + "/" + id).body())
                .contains("Match undone")
                .contains("It is a fee")
                .contains("MONTHLY FEE")
                .doesNotContain(undo);
        String cleared = "%s/%s/undoing?line=%s"
                .formatted(
                        PAGES,
                        id,
                        books.hospital
                                .call(() -> books.reconciliations.cleared(id, 1))
                                .getFirst()
                                .id());
        assertThat(pages.get(cleared).body()).contains("Open again").contains("DEPOSIT777");
        assertThat(pages.post(cleared, Map.of("reason", "Another deposit")).statusCode())
                .isIn(302, 303);
        assertThat(pages.get(PAGES + "/" + id).body())
                .contains("Clearing undone")
                .contains("3,075.20");
    }

    @Test
    void oneAccountIsTheDefaultAndEachSaysUpToWhereItIsReconciled() throws Exception {
        UUID other = books.open("Payroll", "9876543210", "1010");
        String path = "/accounting/bank-accounts/";
        assertThat(api.json("POST", path + books.account + "/default", "{}").statusCode())
                .isEqualTo(200);
        assertThat(api.json("POST", path + other + "/default", "{}").statusCode())
                .isEqualTo(200);

        JsonNode before = json.readTree(api.get(path + books.account).body());
        JsonNode now = json.readTree(api.get(path + other).body());
        assertThat(before.at("/isDefault").asBoolean()).isFalse();
        assertThat(now.at("/isDefault").asBoolean()).isTrue();
        assertThat(now.at("/lastReconciledDate").isNull()
                        || now.at("/lastReconciledDate").isMissingNode())
                .isTrue();
        assertThat(pages.get("/app/bank/accounts").body()).contains("Default").contains("Not yet");
        assertThat(pages.post("/app/bank/accounts/" + books.account + "/default", Map.of())
                        .statusCode())
                .isIn(302, 303);
        assertThat(pages.get("/app/bank/accounts/" + books.account).body())
                .contains("No reconciliation of it is approved");
    }

    @Test
    void aLineOfAnotherAccountIsNotFound() {
        books.t1();
        UUID id = books.start(books.end());
        var other = new BankPeriodBooks(context);
        other.t1();
        UUID foreign = other.unbooked(other.start(other.end()), "-25.00").id();

        assertThat(api.json(
                                "POST",
                                "%s/%s/lines/%s/booking".formatted(API, id, foreign),
                                "{\"account\":\"8140\",\"reason\":\"Fee\"}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void onlyWhoeverReconcilesBankAccountsSeesThem() {
        books.t1();
        UUID id = books.start(books.end());
        var clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        assertThat(clerk.get(API + "/" + id).statusCode()).isEqualTo(403);
        assertThat(clerk.get("%s/%s/report.pdf".formatted(API, id)).statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", "%s/%s/completion".formatted(API, id), "{\"version\":1}")
                        .statusCode())
                .isEqualTo(403);
    }
}
