package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Settlements over real HTTP, as API and as pages. */
@BooksTest
class SettlementsWebIntegrationTests {

    static final String PATH = "/billing/settlements";

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00");
        books.receive(EraText.of("EFT-1", "300.00", "CLP*C1*1*500*300**12*ICN1\nCAS*CO*45*200"));
    }

    @Test
    void moneyRecordedOverTheApiSettlesAndItsRepetitionChangesNothing() {
        var first = record("key-1", "300.00");
        var second = record("key-1", "300.00");
        var withoutKey = record(null, "300.00");

        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(json(second).path("id")).isEqualTo(json(first).path("id"));
        assertThat(json(withoutKey).path("id")).isEqualTo(json(first).path("id"));
        assertThat(books.balanceMinor("1000")).isEqualTo(30_000);
        var detail = json(api(Role.BILLING_CLERK).get(PATH + "/" + settlement(first)));
        assertThat(detail.path("settlement").path("state").asText()).isEqualTo("settled");
        assertThat(detail.path("money").path(0).path("rule").asText()).isEqualTo("exact");
        assertThat(json(api(Role.BILLING_CLERK).get(PATH)).path("items")).isEmpty();
        assertThat(json(api(Role.BILLING_CLERK).get(PATH + "?state=settled")).path("items"))
                .hasSize(1);
    }

    @Test
    void b7_theSameKeyWithAnotherAmountIsRefused() {
        record("key-1", "300.00");

        var other = record("key-1", "299.00");

        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(json(other).path("code").asText()).isEqualTo("idempotency-key-reused");
        assertThat(books.balanceMinor("1000")).isEqualTo(30_000);
    }

    @Test
    void aWrongEntryIsCorrectedAndATakenBackOneOpensTheSettlementAgain() {
        var wrong = json(record(null, "30.00")).path("id").asText();
        var corrected = api(Role.BILLING_CLERK)
                .json(
                        "POST",
                        PATH + "/receipts/" + wrong + "/correction",
                        "{\"amount\": \"300.00\", \"reason\": \"One zero was missing\"}");
        assertThat(corrected.statusCode()).isEqualTo(200);
        assertThat(state(corrected)).isEqualTo("settled");

        var back = api(Role.BILLING_CLERK)
                .json(
                        "POST",
                        PATH + "/receipts/" + json(corrected).path("id").asText() + "/reversal",
                        "{\"date\": \"%s\", \"reason\": \"Returned by the bank\"}".formatted(today()));

        assertThat(json(back).path("state").asText()).isEqualTo("reversed");
        assertThat(state(corrected)).isEqualTo("waiting");
    }

    @Test
    void e9_whoeverOnlyReadsCannotRecordMoneyNorChangeTheClocks() {
        String body = body("300.00");

        assertThat(api(Role.ANALYST).json("POST", PATH + "/receipts", body).statusCode())
                .isEqualTo(403);
        assertThat(api(Role.BILLING_CLERK).json("PUT", PATH + "/settings", """
                                {"lateAfterDays": 2, "missingAfterDays": 3, "followUpDays": 1, "cardFeeBasisPoints": 300}""").statusCode())
                .isEqualTo(403);
        assertThat(api(Role.ORG_ADMIN).get(PATH).statusCode()).isEqualTo(403);
        assertThat(books.balanceMinor("1000")).isZero();
    }

    @Test
    void theClocksAreASettingOfTheOrganization() {
        var changed = api(Role.ORG_ADMIN).json("PUT", PATH + "/settings", """
                        {"lateAfterDays": 2, "missingAfterDays": 3, "followUpDays": 1, "cardFeeBasisPoints": 300}""");

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(json(api(Role.CFO).get(PATH + "/settings"))
                        .path("lateAfterDays")
                        .asInt())
                .isEqualTo(2);
        assertThat(api(Role.ORG_ADMIN).json("PUT", PATH + "/settings", """
                                {"lateAfterDays": 9, "missingAfterDays": 3, "followUpDays": 1, "cardFeeBasisPoints": 300}""").statusCode())
                .isEqualTo(400);
    }

    @Test
    void e1_theSettlementOfAnotherHospitalIsNotThere() {
        String receipt = json(record(null, "300.00")).path("id").asText();
        String settlement = settlement(api(Role.BILLING_CLERK).get(PATH + "/receipts/" + receipt));
        var others = TestHospital.create(books.context);
        var stranger = TestClient.api(port, others.signInName(Role.CFO), TestHospital.PASSWORD);

        assertThat(stranger.get(PATH + "/" + settlement).statusCode()).isEqualTo(404);
        assertThat(stranger.get(PATH + "/receipts/" + receipt).statusCode()).isEqualTo(404);
        assertThat(stranger.json(
                                "POST",
                                PATH + "/receipts/" + receipt + "/reversal",
                                "{\"date\": \"%s\", \"reason\": \"x\"}".formatted(today()))
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aClerkRecordsMoneyOnThePageAndSeesWhatItSettled() {
        var clerk = browser(Role.BILLING_CLERK);
        assertThat(clerk.get("/app/settlements").body()).contains("EFT-1", "Waiting", "300.00", "Record money");
        String page = "/app/settlements/" + books.query("select id from billing_settlements", UUID.class);
        assertThat(clerk.get(page).body()).contains("is not here yet", "Record its money");

        var recorded = clerk.post(
                "/app/settlements/receipts",
                Map.of(
                        "key",
                        UUID.randomUUID().toString(),
                        "kind",
                        "eft",
                        "traceNumber",
                        "EFT-1",
                        "payerIdentifier",
                        EraText.PAYER,
                        "amount",
                        "300.00",
                        "bankDate",
                        today()));

        assertThat(recorded.statusCode()).isEqualTo(302);
        assertThat(recorded.headers().firstValue("Location").orElse("")).endsWith(page);
        assertThat(clerk.get(page).body()).contains("Settled", "Trace number, payer and amount are equal");
        assertThat(clerk.get("/app").body()).contains("Payer payments on their way");
        assertThat(browser(Role.ORG_ADMIN).get("/app/settlements/settings").body())
                .contains("Late after, business days");
    }

    @Test
    void aMismatchAndMoneyWithoutRemittanceAreShownOnTheirPages() {
        String settlement = settlement(record(null, "299.99"));
        var clerk = browser(Role.BILLING_CLERK);
        assertThat(clerk.get("/app/settlements/" + settlement).body())
                .contains("Mismatched", "-0.01")
                .containsAnyOf("The task is being prepared", "The process engine does not answer");

        var lonely = api(Role.BILLING_CLERK)
                .json(
                        "POST",
                        PATH + "/receipts",
                        body("12.00").replace("EFT-1", "CHK-7").replace("\"eft\"", "\"check\""));
        assertThat(clerk.get("/app/settlements/" + settlement(lonely)).body())
                .contains("The remittance is not here yet");
    }

    private HttpResponse<String> record(@Nullable String key, String amount) {
        var client = api(Role.BILLING_CLERK);
        var request = client.request(PATH + "/receipts")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body(amount)));
        return client.send(key == null ? request : request.header("Idempotency-Key", key));
    }

    private String body(String amount) {
        return """
                {"kind": "eft", "traceNumber": "EFT-1", "payerIdentifier": "%s", "amount": "%s", "bankDate": "%s"}""".formatted(EraText.PAYER, amount, today());
    }

    private static String settlement(HttpResponse<String> receipt) {
        return json(receipt).path("settlements").path(0).asText();
    }

    private String state(HttpResponse<String> receipt) {
        return json(api(Role.BILLING_CLERK).get(PATH + "/" + settlement(receipt)))
                .path("settlement")
                .path("state")
                .asText();
    }

    private String today() {
        return books.hospital
                .call(() -> books.bean(Organizations.class).today())
                .toString();
    }

    private TestClient api(Role role) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return new ObjectMapper().readTree(answer.body());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
