package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** The pages and the API of checks over real HTTP. */
@BooksTest
class ChecksWebIntegrationTests {

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    CheckBooks books;
    UUID rye;
    TestClient manager;

    @BeforeEach
    void openHospital() {
        books = new CheckBooks(context);
        rye = books.facility("The Enclave at Rye");
        manager =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
    }

    @Test
    void aCheckIsReviewedOnItsPageAndTheNextOneFollows() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        books.payer("The Enclave", rye);
        var first = books.staged(books.packet(
                                "1",
                                "The Enclave",
                                "100.00",
                                "One hundred and 00/100",
                                books.line(invoice, 5, "100.00"))
                        .digital())
                .getFirst();
        var second = books.staged(books.packet("2", "Somebody Else", "50.00", "Fifty and 00/100")
                        .digital())
                .getFirst();

        String list = manager.get("/app/checks").body();
        assertThat(list).contains(first.number(), second.number(), "The Enclave", "95 %");
        String page = manager.get("/app/checks/" + first.id()).body();
        assertThat(page).contains("Confirm and book", books.invoiceNumber(invoice), "Why these", "/pages/2");
        var image = manager.get("/app/checks/packets/%s/pages/2".formatted(first.packetId()));
        assertThat(image.headers().firstValue("Content-Type")).hasValue("image/png");
        assertThat(image.headers().firstValue("Cache-Control").orElse("")).contains("private");

        var confirmed = manager.post("/app/checks/%s/confirmation".formatted(first.id()), form(first, page));

        assertThat(location(confirmed)).isEqualTo("/app/checks/" + second.id());
        assertThat(books.status(invoice)).isEqualTo("paid");
        assertThat(manager.get("/app/checks/" + first.id()).body()).contains("What it paid", "Confirmed");
        assertThat(manager.get("/app/checks/" + second.id()).body()).contains("No rule knows this payer");
    }

    @Test
    void thePreviewFollowsWhatIsTyped() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave", rye);
        var check = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        manager.get("/app/checks/" + check.id());

        Map<String, String> fields = new HashMap<>(form(check, ""));
        fields.put("amount", "130.00");
        String more = manager.post("/app/checks/%s/preview".formatted(check.id()), fields)
                .body();
        fields.put("amount", "abc");
        String wrong = manager.post("/app/checks/%s/preview".formatted(check.id()), fields)
                .body();

        assertThat(more).contains("30.00", "100.00").doesNotContain("<html");
        assertThat(wrong).contains("is not an amount");
        assertThat(books.check(check.id()).version()).as("nothing was saved").isOne();
    }

    @Test
    void whoeverIsLaterIsTold() {
        books.invoice(rye, 5, "100.00");
        books.payer("The Enclave", rye);
        var check = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        String page = manager.get("/app/checks/" + check.id()).body();
        books.confirm(check.id());

        var answer = manager.post("/app/checks/%s/confirmation".formatted(check.id()), form(check, page));

        String told = answer.statusCode() == 302 ? manager.get(location(answer)).body() : answer.body();
        assertThat(told).contains("is confirmed already");
        assertThat(books.ledger(StandardAccount.UNDEPOSITED_CHECKS)).isEqualTo(CheckBooks.usd("100.00"));
    }

    @Test
    void aClerkMayCorrectButNotConfirm() {
        var check = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        var clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        String page = clerk.get("/app/checks/" + check.id()).body();
        assertThat(page).contains("Save").doesNotContain("Confirm and book");

        Map<String, String> fields = new HashMap<>(form(check, page));
        fields.put("payerName", "The Enclave at Rye");
        assertThat(clerk.post("/app/checks/" + check.id(), fields).statusCode()).isEqualTo(302);
        clerk.post("/app/checks/%s/confirmation".formatted(check.id()), fields);

        assertThat(books.check(check.id()).payerName()).isEqualTo("The Enclave at Rye");
        assertThat(books.check(check.id()).status()).isEqualTo(CheckStatus.NEEDS_REVIEW);
    }

    @Test
    void payersAreKeptAndTriedOnTheirPage() {
        manager.get("/app/checks/payers");
        manager.post("/app/checks/payers", Map.of("pattern", "New Premier*", "coversAll", "true"));

        String page = manager.get("/app/checks/payers?name=new+premier+llc").body();

        assertThat(page).contains("New Premier*", "Recognized", "pays for all facilities");
        assertThat(manager.get("/app/checks/payers?name=nobody").body()).contains("Unrecognized");
    }

    @Test
    void f6_whatACheckSaysIsShownAsText() {
        String attack = "<script>alert(1)</script> <img src=x onerror=alert(2)>";
        var check = books.staged(books.packet("1", attack, "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        assertThat(check.payerName()).contains("<script>");
        manager.get("/app/checks/payers");
        manager.post("/app/checks/payers", Map.of("pattern", attack, "coversAll", "true"));

        for (String path : java.util.List.of("/app/checks", "/app/checks/" + check.id(), "/app/checks/payers")) {
            var answer = manager.get(path);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).as(path).doesNotContain("<script>alert", "<img src=x");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("script-src 'self';");
        }
    }

    @Test
    void theApiShowsPreviewsConfirmsAndReturnsACheck() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        books.payer("The Enclave", rye);
        var check = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        var api = TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        String path = "/billing/checks/" + check.id();
        assertThat(api.get("/billing/checks?status=needs_review").body()).contains(check.number());
        String preview = api.get(path + "/preview").body();
        assertThat(preview).contains("\"confirmable\":true", books.invoiceNumber(invoice));
        String seen = group(preview, "\"seen\":\"([0-9a-f]+)\"");

        var confirmed = api.json("POST", path + "/confirmation", """
                {"version": 1, "seen": "%s", "acknowledged": true}
                """.formatted(seen));
        var again = api.json("POST", path + "/confirmation", """
                {"version": 1, "seen": "%s", "acknowledged": true}
                """.formatted(seen));
        var returned = api.json("POST", path + "/return", "{\"code\": \"nsf\"}");

        assertThat(confirmed.statusCode()).isEqualTo(200);
        assertThat(confirmed.body()).contains("\"status\":\"confirmed\"", "\"amount\":\"100.00\"");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("check-not-in-review");
        assertThat(returned.body()).contains("\"status\":\"returned\"");
        assertThat(books.status(invoice)).isEqualTo("sent");
    }

    private Map<String, String> form(PaperCheck check, String page) {
        Map<String, String> fields = new HashMap<>();
        fields.put("version", String.valueOf(check.version()));
        fields.put("amount", Objects.requireNonNull(check.amount()).getAmount().toPlainString());
        fields.put("checkNumber", Objects.requireNonNull(check.checkNumber()));
        fields.put("date", String.valueOf(check.date()));
        fields.put("payerName", Objects.requireNonNull(check.payerName()));
        fields.put("payeeName", Objects.requireNonNullElse(check.payeeName(), ""));
        fields.put("memo", Objects.requireNonNullElse(check.memo(), ""));
        fields.put("acknowledged", "true");
        if (!check.lines().isEmpty()) {
            var line = check.lines().getFirst();
            fields.put("lineInvoice", Objects.requireNonNullElse(line.invoiceNumber(), ""));
            fields.put("lineDate", String.valueOf(line.date()));
            fields.put(
                    "lineAmount",
                    CheckBooks.usd("1.00")
                            .multipliedBy(line.amountMinor())
                            .dividedBy(100, java.math.RoundingMode.UNNECESSARY)
                            .getAmount()
                            .toPlainString());
        }
        if (!page.isEmpty()) {
            fields.put("seen", group(page, "name=\"seen\" value=\"([0-9a-f]*)\""));
        }
        return fields;
    }

    private static String group(String text, String pattern) {
        var found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(pattern).isTrue();
        return found.group(1);
    }

    private static String location(HttpResponse<String> answer) {
        return answer.headers()
                .firstValue("Location")
                .map(location -> location.replaceFirst("^https?://[^/]+", ""))
                .orElse("");
    }
}
