package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
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
        assertThat(image.headers().firstValue("Cache-Control").orElse("")).contains("no-store");

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
    void theWindowIsChangedOnThePageByWhoKeepsThePayersAndHoldsForTheNextPreview() {
        UUID invoice = books.invoice(rye, 20, "100.00");
        books.invoice(rye, 21, "100.00");
        books.payer("The Enclave", rye);
        var check = books.staged(books.packet(
                                "1",
                                "The Enclave",
                                "100.00",
                                "One hundred and 00/100",
                                books.line(invoice, 5, "100.00"))
                        .digital())
                .getFirst();
        var clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/checks/payers").body()).doesNotContain("checks/payers/window");
        assertThat(books.preview(check.id()).doubts()).contains(Doubt.UNMATCHED_LINES);

        clerk.post("/app/checks/payers/window", Map.of("days", "15"));
        assertThat(books.preview(check.id()).doubts()).as("not by a clerk").contains(Doubt.UNMATCHED_LINES);
        manager.get("/app/checks/payers");
        manager.post("/app/checks/payers/window", Map.of("days", "61"));
        assertThat(books.preview(check.id()).doubts()).as("not by so much").contains(Doubt.UNMATCHED_LINES);
        manager.get("/app/checks/payers");
        manager.post("/app/checks/payers/window", Map.of("days", "15"));

        assertThat(manager.get("/app/checks/payers").body()).contains("value=\"15\"");
        assertThat(books.preview(check.id()).doubts()).doesNotContain(Doubt.UNMATCHED_LINES);
    }

    @Test
    void afterHowManyMonthsACheckIsStaleIsChangedOnThePageAndOverTheApi() {
        books.payer("The Enclave", rye);
        var check = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        CheckFields fields = CheckFields.of(check);
        var older = new CheckFields(
                fields.checkNumber(),
                books.today().minusMonths(4),
                fields.payerName(),
                fields.payeeName(),
                fields.memo(),
                fields.amount(),
                fields.lines(),
                fields.facilities());
        books.as(() -> books.bean(Checks.class).change(check.id(), check.version(), older));
        assertThat(books.preview(check.id()).doubts()).doesNotContain(Doubt.STALE);

        manager.get("/app/checks/payers");
        manager.post("/app/checks/payers/stale-months", Map.of("months", "25"));
        assertThat(books.preview(check.id()).doubts()).as("not so many").doesNotContain(Doubt.STALE);
        manager.get("/app/checks/payers");
        manager.post("/app/checks/payers/stale-months", Map.of("months", "3"));
        assertThat(books.preview(check.id()).doubts()).contains(Doubt.STALE);
        manager.post("/app/checks/payers/window", Map.of("days", "15"));

        var api = TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        assertThat(api.get("/billing/checks/stale-months").body()).isEqualTo("{\"months\":3}");
        assertThat(api.json("PUT", "/billing/checks/stale-months", "{\"months\": 5}")
                        .body())
                .contains("5");
        assertThat(books.preview(check.id()).doubts()).doesNotContain(Doubt.STALE);
    }

    @Test
    void aPacketThatNobodyReadIsEnteredByHandOnItsPage() {
        UUID packet = Objects.requireNonNull(
                books.receive(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                                .digital())
                        .packetId());
        assertThat(manager.get("/app/checks").body()).contains("Being read");
        assertThat(manager.get("/app/checks/packets/" + packet).body()).contains("Enter by hand");

        var answer = manager.post("/app/checks/packets/%s/manual-entry".formatted(packet), Map.of());

        assertThat(location(answer)).isEqualTo("/app/checks/packets/" + packet);
        var entered = books.as(() -> books.bean(Checks.class).ofPacket(packet)).getFirst();
        assertThat(manager.get("/app/checks/packets/" + packet).body())
                .contains(entered.number())
                .doesNotContain("Enter by hand");
        assertThat(manager.get("/app/checks/" + entered.id()).body()).contains("The amount could not be read");
        manager.post("/app/checks/packets/%s/manual-entry".formatted(packet), Map.of());
        assertThat(books.as(() -> books.bean(Checks.class).ofPacket(packet))).hasSize(1);
    }

    @Test
    void severalFilesAreUploadedAtOnceAndEachSaysWhatBecameOfIt() {
        byte[] good = books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                .digital();
        manager.get("/app/checks");
        String page = manager.get("/app/checks").body();
        assertThat(page)
                .as("the progress of the upload")
                .contains("rf-upload-progress", "hx-encoding=\"multipart/form-data\"", "/js/checks.js");
        String token = group(page, "csrf-token\" content=\"([^\"]+)\"");
        String header = group(page, "csrf-header\" content=\"([^\"]+)\"");

        String answer = manager.send(manager.request("/app/checks")
                        .header(header, token)
                        .header("HX-Request", "true")
                        .header("Content-Type", "multipart/form-data; boundary=packets")
                        .POST(BodyPublishers.ofByteArray(multipart(Map.of(
                                "first.pdf", good, "<b>notes.txt", "no packet".getBytes(StandardCharsets.UTF_8))))))
                .body();

        assertThat(answer)
                .contains("first.pdf", "Received, being read", "neither a PDF")
                .doesNotContain("<html", "<b>");
        assertThat(books.as(() -> books.bean(CheckPackets.class).list(null, 10)))
                .extracting(CheckPacket::fileName)
                .containsExactly("first.pdf");
    }

    @Test
    void aPacketThatNobodyHasReadIsListedHoweverManyCameAfterIt() {
        byte[] first = books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                .digital();
        UUID waiting = Objects.requireNonNull(books.receive(first).packetId());
        for (String number : List.of("2", "3")) {
            books.staged(books.packet(number, "The Enclave", "100.00", "One hundred and 00/100")
                    .digital());
        }

        assertThat(books.as(() -> books.bean(CheckPackets.class).unread(1)))
                .as("the one that waits, of three")
                .extracting(CheckPacket::id)
                .containsExactly(waiting);
        String number =
                books.as(() -> books.bean(CheckPackets.class).get(waiting)).number();
        assertThat(manager.get("/app/checks").body()).contains("Being read:", ">" + number + "<");
    }

    @Test
    void theApiReceivesPackets() {
        byte[] good = books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                .digital();
        var api = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        String received = upload(api, "one.pdf", good);
        String again = upload(api, "other.pdf", good);
        String rejected = upload(api, "notes.txt", "no packet".getBytes(StandardCharsets.UTF_8));

        assertThat(received).contains("\"state\":\"accepted\"", "\"repeated\":false");
        assertThat(again).contains("\"repeated\":true", group(received, "\"packetId\":\"([0-9a-f-]+)\""));
        assertThat(rejected).contains("\"packetId\":null", "\"state\":\"rejected\"", "neither a PDF");
        UUID packet = UUID.fromString(group(received, "\"packetId\":\"([0-9a-f-]+)\""));
        books.run(() -> books.bean(CheckPackets.class).read(packet));
        assertThat(api.get("/billing/checks/packets/%s/checks".formatted(packet))
                        .body())
                .contains(books.as(() -> books.bean(Checks.class).ofPacket(packet))
                        .getFirst()
                        .id()
                        .toString());
    }

    @Test
    void checksAreSplitMergedSentBackAndCorrectedOnTheirPage() {
        var check = twoLines();
        manager.get("/app/checks/" + check.id());

        var split = manager.post(
                "/app/checks/%s/split".formatted(check.id()),
                Map.of("version", String.valueOf(check.version()), "line", "2"));
        String other = location(split).replaceFirst("/app/checks/", "");
        assertThat(books.check(UUID.fromString(other)).lines()).hasSize(1);
        assertThat(manager.get("/app/checks/" + check.id()).body()).contains("Is part of this check");

        manager.post("/app/checks/%s/merge".formatted(check.id()), Map.of("other", other));
        assertThat(books.check(check.id()).lines()).hasSize(2);
        assertThat(books.check(UUID.fromString(other)).status()).isEqualTo(CheckStatus.MERGED);
        manager.get("/app/checks/" + check.id());

        manager.post("/app/checks/%s/sending-back".formatted(check.id()), Map.of("reason", "Scan it again"));
        String page = manager.get("/app/checks/" + check.id()).body();
        assertThat(page).contains("Sent back", "Scan it again", "It is corrected");
        manager.post("/app/checks/%s/correction".formatted(check.id()), Map.of());
        assertThat(books.check(check.id()).sentBackReason()).isNull();
    }

    @Test
    void aProposalForAPayerIsDismissedOrAcceptedOnThePage() {
        books.invoice(rye, 5, "300.00");
        for (String payer : java.util.List.of("First Company", "Second Company")) {
            var check = books.staged(books.packet("1", payer, "100.00", "One hundred and 00/100")
                            .digital())
                    .getFirst();
            books.as(() -> books.bean(Checks.class)
                    .change(check.id(), check.version(), CheckFields.of(check).withFacilities(java.util.Set.of(rye))));
            books.confirm(check.id());
        }
        assertThat(manager.get("/app/checks/payers").body()).contains("First Company", "Second Company");
        var proposals = books.as(() -> books.bean(CheckPayers.class).proposals());

        manager.post(
                "/app/checks/payers/proposals/%s/dismissal".formatted(proposal(proposals, "First Company")), Map.of());
        manager.post(
                "/app/checks/payers/proposals/%s/acceptance".formatted(proposal(proposals, "Second Company")),
                Map.of());

        assertThat(manager.get("/app/checks/payers").body())
                .contains("Second Company")
                .doesNotContain("First Company");
        assertThat(books.as(() -> books.bean(CheckPayers.class).match("Second Company"))
                        .isSingleFacility())
                .isTrue();
        assertThat(books.as(() -> books.bean(CheckPayers.class).match("First Company"))
                        .outcome())
                .isEqualTo(PayerMatch.Outcome.UNRECOGNIZED);
    }

    @Test
    void f6_theMemoAndTheNameOfAFileAreShownAsText() {
        String attack = "<script>alert(3)</script>";
        var drawn = new PacketPdf.DrawnCheck(
                "1",
                books.today(),
                "The Enclave",
                "100.00",
                "One hundred and 00/100",
                attack,
                true,
                java.util.List.of());
        UUID packet = Objects.requireNonNull(books.as(() -> books.bean(CheckPackets.class)
                        .receive(
                                "check-upload",
                                "<img src=x onerror=alert(4)>.pdf",
                                new java.io.ByteArrayInputStream(
                                        PacketPdf.from("x").check(drawn).digital())))
                .packetId());
        books.run(() -> books.bean(CheckPackets.class).read(packet));
        var check = books.as(() -> books.bean(Checks.class).ofPacket(packet)).getFirst();
        assertThat(check.memo()).contains("<script>");

        for (String path : java.util.List.of("/app/checks/" + check.id(), "/app/checks/packets/" + packet)) {
            assertThat(manager.get(path).body()).as(path).doesNotContain("<script>alert", "<img src=x");
        }
    }

    @Test
    void theApiSplitsMergesAndCorrectsChecksAndKeepsPayersProposalsAndTheWindow() {
        var check = twoLines();
        var api = TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        String path = "/billing/checks/" + check.id();

        String split = api.json("POST", path + "/split", "{\"version\": %d, \"lines\": [2]}".formatted(check.version()))
                .body();
        String other = group(split, "\"id\":\"([0-9a-f-]+)\"");
        assertThat(other).isNotEqualTo(check.id().toString());
        assertThat(api.json("POST", path + "/merge", "{}").statusCode()).isEqualTo(400);
        assertThat(api.json("POST", path + "/merge", "{\"other\": \"%s\"}".formatted(other))
                        .statusCode())
                .isEqualTo(200);
        assertThat(books.check(check.id()).lines()).hasSize(2);
        assertThat(api.json("POST", path + "/correction", "").statusCode())
                .as("it was not sent back")
                .isEqualTo(409);
        api.json("POST", path + "/sending-back", "{\"reason\": \"Scan it again\"}");
        assertThat(api.json("POST", path + "/correction", "").statusCode()).isEqualTo(200);
        assertThat(books.check(check.id()).sentBackReason()).isNull();

        UUID rule = books.payer("Some Company", rye);
        assertThat(api.json("PUT", "/billing/checks/payers/" + rule, "{\"coversAll\": true}")
                        .body())
                .contains("\"coversAll\":true");
        assertThat(api.json("PUT", "/billing/checks/payers/" + UUID.randomUUID(), "{\"coversAll\": true}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.get("/billing/checks/payers/proposals").body()).isEqualTo("[]");
        assertThat(api.json("POST", "/billing/checks/payers/proposals/%s/dismissal".formatted(UUID.randomUUID()), "")
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.get("/billing/checks/window").body()).isEqualTo("{\"days\":10}");
        var clerk = TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.json("PUT", "/billing/checks/window", "{\"days\": 12}").statusCode())
                .isEqualTo(403);
        assertThat(api.json("PUT", "/billing/checks/window", "{\"days\": 12}").body())
                .isEqualTo("{\"days\":12}");
    }

    @Test
    void aDuplicateIsDecidedOverTheApiOnlyBySayingWhatItIs() {
        books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                .digital());
        UUID like = books.staged(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                        .check("2", books.today(), "Somebody", "1.00", "One and 00/100")
                        .digital())
                .getFirst()
                .id();
        var api = TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        String path = "/billing/checks/%s/duplicate-decision".formatted(like);

        var unsaid = api.json("POST", path, "{\"reason\": \"x\"}");
        var mistyped = api.json("POST", path, "{\"same\": \"perhaps\", \"reason\": \"x\"}");
        assertThat(unsaid.statusCode()).isEqualTo(400);
        assertThat(unsaid.body()).contains("whether it is the same check");
        assertThat(mistyped.statusCode()).isEqualTo(400);
        assertThat(books.check(like).isSuspectedDuplicate()).isTrue();

        assertThat(api.json("POST", path, "{\"same\": false, \"reason\": \"Two of them\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(books.check(like).isSuspectedDuplicate()).isFalse();
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

    private PaperCheck twoLines() {
        UUID one = books.invoice(rye, 5, "100.00");
        UUID two = books.invoice(rye, 5, "50.00");
        return books.staged(books.packet(
                                "1",
                                "The Enclave",
                                "150.00",
                                "One hundred fifty and 00/100",
                                books.line(one, 5, "100.00"),
                                books.line(two, 5, "50.00"))
                        .digital())
                .getFirst();
    }

    private static UUID proposal(java.util.List<PayerProposal> proposals, String payer) {
        return proposals.stream()
                .filter(one -> one.payerName().equals(payer))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static String upload(TestClient api, String name, byte[] bytes) {
        return api.send(api.request("/billing/checks/packets")
                        .header("Content-Type", "multipart/form-data; boundary=packets")
                        .POST(BodyPublishers.ofByteArray(multipart(Map.of(name, bytes)))))
                .body();
    }

    private static byte[] multipart(Map<String, byte[]> files) {
        var body = new ByteArrayOutputStream();
        files.forEach((name, bytes) -> {
            body.writeBytes("--packets\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                    .formatted(name)
                    .getBytes(StandardCharsets.UTF_8));
            body.writeBytes(bytes);
            body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        });
        body.writeBytes("--packets--\r\n".getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
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
