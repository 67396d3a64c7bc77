package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Pages and REST of the bank module over HTTP. */
@BooksTest
class BankWebIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    ObjectMapper json;

    @LocalServerPort
    int port;

    BankBooks books;
    TestClient api;
    TestClient pages;

    @BeforeEach
    void openBooks() {
        books = new BankBooks(context);
        api = TestClient.api(port, books.hospital.signInName(Role.ACCOUNTING_STAFF), TestHospital.PASSWORD);
        pages = TestClient.browser(port)
                .signIn(books.hospital.signInName(Role.ACCOUNTING_STAFF), TestHospital.PASSWORD);
        pages.get("/app/inbox");
    }

    @Test
    void aStatementIsReceivedListedAndShownOverTheApi() throws Exception {
        String file = books.mt940(books.today, 0, "C10,00NTRFREF1//BANK1|=cmd|' /C calc'!A0 <script>alert(1)</script>");
        var created = upload(file);
        assertThat(created.statusCode()).isEqualTo(201);
        JsonNode received = json.readTree(created.body());
        assertThat(received.at("/statements/0/closing").asText()).isEqualTo("10.00");

        var again = upload(file);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json.readTree(again.body()).at("/repeated").asBoolean()).isTrue();

        JsonNode list = json.readTree(api.get("/accounting/bank-statements").body());
        assertThat(list.at("/items")).hasSize(1);
        String id = list.at("/items/0/id").asText();
        JsonNode detail =
                json.readTree(api.get("/accounting/bank-statements/" + id).body());
        assertThat(detail.at("/lines/0/amount").asText()).isEqualTo("10.00");
        assertThat(detail.at("/lines/0/state").asText()).isEqualTo("suspense");

        String page = pages.get("/app/bank/statements/" + id).body();
        assertThat(page).contains("REF1").contains("&lt;script&gt;").doesNotContain("<script>alert");
    }

    @Test
    void aFileThatIsRejectedSaysWhyOverTheApiAndOnThePage() throws Exception {
        var answer = upload(books.mt940(books.today, 0, "C10,00NTRFREF1").replace("USD10,00", "USD10,01"));

        assertThat(answer.statusCode()).isEqualTo(422);
        JsonNode problem = json.readTree(answer.body());
        assertThat(problem.at("/code").asText()).isEqualTo("file-rejected");
        assertThat(problem.at("/detail").asText()).contains("opening balance 0.00 and lines 10.00 make 10.00");
        assertThat(pages.get("/app/bank/statements").body())
                .contains("Files that were not taken over")
                .contains("but the bank says it closes with 10.01");
    }

    @Test
    void aPersonUploadsAFileOnThePage() {
        String boundary = "bank";
        String csrf = pages.get("/app/bank/statements").body().replaceAll("(?s).*_csrf\" value=\"([^\"]*)\".*", "$1");
        String body = """
                --bank\r
                Content-Disposition: form-data; name="_csrf"\r
                \r
                %s\r
                --bank\r
                Content-Disposition: form-data; name="file"; filename="../../march.sta"\r
                Content-Type: text/plain\r
                \r
                %s\r
                --bank--\r
                """.formatted(csrf, books.mt940(books.today, 0, "C10,00NTRFREF1"));

        var answer = pages.send(pages.request("/app/bank/statements")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofString(body)));

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location").orElse("")).contains("/app/bank/statements/");
        assertThat(pages.get("/app/bank/statements").body()).contains("Operating");
        assertThat(books.query("select original_name from intake_files where source = 'bank-upload'", String.class))
                .isEqualTo("march.sta");
    }

    @Test
    void anAccountAndItsCsvProfileAreAddedOnPagesAndNeverShowTheNumber() {
        var added = pages.post(
                "/app/bank/accounts",
                Map.of(
                        "name", "Lockbox",
                        "bankName", "Second Bank",
                        "number", "778899001122",
                        "type", "checking",
                        "accountCode", "1000"));
        assertThat(added.statusCode()).isEqualTo(302);
        String account = added.headers().firstValue("Location").orElseThrow().replaceAll(".*/", "");
        var saved = pages.post(
                "/app/bank/accounts/" + account + "/profiles",
                Map.of(
                        "name", "Portal",
                        "delimiter", ";",
                        "columns", "Date, Text, Amount",
                        "dateFormat", "yyyy-MM-dd",
                        "dateColumn", "Date",
                        "amountColumn", "Amount",
                        "descriptionColumns", "Text"));
        assertThat(saved.statusCode()).isEqualTo(302);

        assertThat(pages.get("/app/bank/accounts").body())
                .contains("Lockbox")
                .contains("•• 1122")
                .doesNotContain("778899");
        assertThat(pages.get("/app/bank/accounts/" + account).body()).contains("date, text, amount");
        assertThat(books.receive("Date;Text;Amount\n%s;x;1.00\n".formatted(books.today))
                        .statements())
                .extracting(BankStatement::accountName)
                .containsExactly("Lockbox");
    }

    @Test
    void aSuggestionIsShownWithItsCertificateAndAccepted() throws Exception {
        books.remittance("EFT800", "GREENLEAF HEALTH PLAN", "310.00", books.today);
        upload(books.mt940(books.today, 0, "C310,00NTRFNONREF|GREENLEAF HEALTH PLAN payment"));

        JsonNode suggestion = json.readTree(
                        api.get("/accounting/bank-statements/suggestions").body())
                .at("/items/0");
        assertThat(suggestion.at("/rule").asText()).isEqualTo("payer-amount");
        String id = suggestion.at("/id").asText();
        assertThat(pages.get("/app/bank/suggestions").body()).contains("Payer and amount agree");
        assertThat(pages.get("/app/bank/suggestions/" + id).body())
                .contains("Certificate")
                .contains("nothing else fits");

        var accepted = pages.post("/app/bank/suggestions/" + id + "/acceptance", Map.of("alternative", "0"));

        assertThat(accepted.statusCode()).isEqualTo(302);
        assertThat(json.readTree(api.get("/accounting/bank-statements/suggestions/" + id)
                                .body())
                        .at("/status")
                        .asText())
                .isEqualTo("accepted");
        assertThat(books.balanceMinor("1050")).isZero();
    }

    @Test
    void aPersonPicksLinesAndRecordsSeesTheDifferenceAndBooksAndUndoesTheMatchOnPages() throws Exception {
        books.remittance("EFT801", "GREENLEAF HEALTH PLAN", "70.00", books.today.minusDays(40));
        books.remittance("EFT802", "NORTHWIND MUTUAL", "80.00", books.today.minusDays(30));
        upload(books.mt940(books.today, 0, "C60,00NTRFNONREF//A|WIRE IN", "C90,00NTRFNONREF//B|WIRE <b>IN</b>"));
        String line60 = books.line("60.00").id().toString();
        String line90 = books.line("90.00").id().toString();
        String first = "settlement:" + books.settlement("EFT801").id();
        String second = "settlement:" + books.settlement("EFT802").id();

        assertThat(pages.get("/app/bank/matching").body())
                .contains("GREENLEAF HEALTH PLAN, payment EFT801")
                .contains("WIRE &lt;b&gt;IN")
                .contains("Pick lines and records");
        assertThat(pages.get("/app/bank/matching?recordText=80.00&line=" + line60)
                        .body())
                .contains("payment EFT802")
                .doesNotContain("payment EFT801")
                .contains("value=\"" + line60 + "\" id=\"line-" + line60 + "\" checked");
        String sums = pages.send(pages.request("/app/bank/matching?line=%s&record=%s".formatted(line60, first))
                        .header("HX-Request", "true")
                        .GET())
                .body();
        assertThat(sums)
                .contains("-10.00")
                .contains("The sums of both sides are not equal")
                .doesNotContain("<html");

        String picked = "line=%s&line=%s&record=%s&record=%s".formatted(line60, line90, first, second);
        assertThat(pages.get("/app/bank/matching/preview?" + picked).body())
                .contains("Equal to the cent")
                .contains("Who would pay what")
                .contains("Match and book");
        var booked = pages.postFields("/app/bank/matching", picked + "&reason=Advice+4711");

        assertThat(booked.statusCode()).isEqualTo(302);
        String match = booked.headers().firstValue("Location").orElseThrow().replaceAll(".*/", "");
        assertThat(pages.get("/app/bank/suggestions/" + match).body())
                .contains("evidence given: Advice 4711")
                .contains("Who paid what")
                .contains("Undo this match")
                .contains("Open again: ");
        assertThat(pages.get("/app/bank/matches").body()).contains("Advice 4711");
        assertThat(books.balanceMinor("1090")).isZero();
        pages.post("/app/bank/suggestions/" + match + "/undoing", Map.of("reason", "Another payer"));

        assertThat(pages.get("/app/bank/suggestions/" + match).body())
                .contains("Undone by")
                .contains("Another payer")
                .doesNotContain("Undo this match");
        assertThat(books.balanceMinor("1090")).isEqualTo(-15_000);
    }

    @Test
    void matchingAndUndoingOverTheApi() throws Exception {
        books.remittance("EFT803", "GREENLEAF HEALTH PLAN", "70.00", books.today.minusDays(40));
        upload(books.mt940(books.today, 0, "C70,00NTRFNONREF//A|WIRE IN"));
        JsonNode lines = json.readTree(
                api.get("/accounting/bank-statements/unexplained-lines?text=70").body());
        JsonNode records = json.readTree(
                api.get("/accounting/bank-statements/open-records?text=EFT803").body());
        String body =
                """
                {"lines": ["%s"], "records": [{"kind": "settlement", "id": "%s"}], "reason": "Advice 4711"}
                """.formatted(lines.at("/0/id").asText(), records.at("/0/id").asText());

        JsonNode preview = json.readTree(api.json("POST", "/accounting/bank-statements/matches/preview", body)
                .body());
        assertThat(preview.at("/difference").asText()).isEqualTo("0.00");
        assertThat(preview.at("/problem").isNull()).isTrue();
        var matched = api.json("POST", "/accounting/bank-statements/matches", body);
        assertThat(matched.statusCode()).isEqualTo(201);
        String id = json.readTree(matched.body()).at("/match/id").asText();
        assertThat(json.readTree(matched.body()).at("/shares/0/amount").asText())
                .isEqualTo("70.00");
        assertThat(json.readTree(api.json("POST", "/accounting/bank-statements/matches", body)
                                .body())
                        .at("/match/id")
                        .asText())
                .isEqualTo(id);

        JsonNode effects = json.readTree(api.get("/accounting/bank-statements/matches/" + id + "/undoing")
                .body());
        assertThat(effects.at("/keptBecause").isNull()).isTrue();
        assertThat(effects.at("/entriesReversed")).hasSize(2);
        var undone =
                api.json("POST", "/accounting/bank-statements/matches/" + id + "/undoing", "{\"reason\": \"Wrong\"}");
        assertThat(json.readTree(undone.body()).at("/match/status").asText()).isEqualTo("undone");
        var again =
                api.json("POST", "/accounting/bank-statements/matches/" + id + "/undoing", "{\"reason\": \"Wrong\"}");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(json.readTree(again.body()).at("/code").asText()).isEqualTo("match-not-undoable");
        assertThat(json.readTree(api.get("/accounting/bank-statements/matches").body())
                        .at("/items/0/undoneBecause")
                        .asText())
                .isEqualTo("Wrong");
    }

    @Test
    void aFeeIsBookedToAnAccountOverTheApiAndOnThePage() throws Exception {
        upload(books.mt940(books.today, 0, "D3,50NCHGNONREF//A|Monthly fee", "C1,25NINTNONREF//B|Interest"));
        String fee = books.line("-3.50").id().toString();
        String interest = books.line("1.25").id().toString();

        var booked = api.json(
                "POST",
                "/accounting/bank-statements/lines/" + fee + "/account-booking",
                "{\"use\": \"bank-fee\", \"reason\": \"Price list\"}");
        assertThat(booked.statusCode()).isEqualTo(201);
        assertThat(json.readTree(booked.body()).at("/match/records/0/kind").asText())
                .isEqualTo("account");
        var unknown = api.json(
                "POST",
                "/accounting/bank-statements/lines/" + interest + "/account-booking",
                "{\"use\": \"5000\", \"reason\": \"?\"}");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(pages.get("/app/bank/matching/preview?line=" + interest).body())
                .contains("Book it to the account")
                .contains("Interest earned (4230");
        pages.post(
                "/app/bank/lines/" + interest + "/account-booking",
                Map.of("use", "interest-earned", "reason", "The bank's letter"));

        assertThat(books.balanceMinor("8140")).isEqualTo(350);
        assertThat(books.balanceMinor("4230")).isEqualTo(-125);
        assertThat(books.balanceMinor("1090")).isZero();
    }

    @Test
    void whoMayNotReconcileReachesNothingOfIt() {
        var clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        assertThat(clerk.get("/accounting/bank-statements").statusCode()).isEqualTo(403);
        assertThat(clerk.get("/accounting/bank-accounts").statusCode()).isEqualTo(403);
        assertThat(clerk.send(clerk.request("/accounting/bank-statements")
                                .header("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString("x")))
                        .statusCode())
                .isEqualTo(403);
    }

    private HttpResponse<String> upload(String file) {
        return api.send(api.request("/accounting/bank-statements")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(file)));
    }
}
