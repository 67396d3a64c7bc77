package io.remitflow.claims;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.ClaimMdStandIn;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Everything that claims need to be sent can be set by people and by clients, and is then sent. */
@BooksTest
class ClaimMdWebIntegrationTests {

    static final LocalDate DAY = LocalDate.of(2026, 11, 3);
    static final String PROVIDER = """
            {"name": "Riverside Hospital", "npi": "1234567893", "taxId": "001234567", "taxonomy": "282N00000X",
             "street": "1 River Road", "city": "Albany", "state": "NY", "postalCode": "122070000",
             "contactName": "Billing Office", "contactPhone": "5185550100"}
            """;
    static final String INSURANCE = """
            {"memberId": "KMH400101", "familyName": "Doe", "givenName": "Jane", "birthDate": "1980-02-29", "sex": "F",
             "street": "1 Elm St", "city": "Albany", "state": "NY", "postalCode": "12207"}
            """;

    private final JsonMapper json = JsonMapper.builder().build();

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    TestHospital hospital;
    ClaimMdStandIn.Account account;
    TestClient admin;
    TestClient clerk;
    UUID patient;

    @BeforeEach
    void open() {
        hospital = TestHospital.create(context);
        account = TestServices.claimMd().account(hospital.code());
        admin = TestClient.api(port, hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        clerk = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        patient = hospital.call(() -> context.getBean(PatientAccounts.class).open(NewPatientAccount.of("patient-1")));
    }

    @Test
    void aClientSetsEverythingUpAndSendsAClaim() throws Exception {
        UUID payer = setUp();
        UUID claim = claim(payer, "W1");

        var made = body(clerk.json("POST", "/billing/claims/%s/submission".formatted(claim), """
                {"form": "professional", "diagnoses": ["J02.9"], "placeOfService": "22"}
                """), 200);
        assertThat(made.at("/submission/state").asText()).isEqualTo("ready");
        assertThat(made.at("/nextPayer/state").asText()).isEqualTo("waiting");
        var waiting = body(clerk.get("/billing/claims/submissions?state=ready"), 200);
        assertThat(waiting.at("/0/controlNumber").asText()).isEqualTo("W1");
        assertThat(waiting.at("/0/missing").isNull()).isTrue();

        var batches = body(clerk.json("POST", "/billing/claims/batches", ""), 200);
        assertThat(batches).hasSize(1);
        assertThat(context.getBean(ClaimExchange.class).send(hospital.id())).isTrue();

        String batch = "/billing/claims/batches/" + batches.at("/0/id").asText();
        assertThat(body(clerk.get(batch), 200).at("/state").asText()).isEqualTo("uploaded");
        assertThat(clerk.get(batch + "/content").body())
                .isEqualTo(account.uploads().getFirst())
                .contains("*MI*KMH400101~");
        var sent = body(clerk.get("/billing/claims/" + claim), 200);
        assertThat(sent.at("/submission/state").asText()).isEqualTo("accepted");
        assertThat(sent.at("/status").asText()).isEqualTo("accepted");
        assertThat(body(clerk.get("/billing/claims/%s/submission".formatted(claim)), 200)
                        .findValuesAsText("kind"))
                .containsExactly("prepared", "batched", "sent", "accepted");
    }

    @Test
    void aClientAsksWhetherAPatientIsCoveredByFormAndByFile() throws Exception {
        UUID payer = setUp();

        for (String way : List.of("form", "x12")) {
            var asked = clerk.json("POST", "/billing/eligibility", """
                    {"accountId": "%s", "payerId": "%s", "askedAs": "%s"}
                    """.formatted(patient, payer, way));
            var check = body(asked, 201);
            assertThat(check.at("/state").asText()).isEqualTo("covered");
            assertThat(body(clerk.get(asked.headers().firstValue("Location").orElseThrow()), 200)
                            .at("/askedAs")
                            .asText())
                    .isEqualTo(way);
        }
        assertThat(body(clerk.get("/billing/eligibility?accountId=" + patient), 200))
                .hasSize(2);
        assertThat(body(clerk.get("/billing/eligibility"), 200)).hasSize(2);
        assertThat(clerk.get("/billing/eligibility?accountId=" + UUID.randomUUID())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void theAccountKeyIsWrittenAndNeverRead() throws Exception {
        String key = "Very-Secret-Account-Key";
        var stored = admin.json("PUT", "/billing/claims/settings/connection", """
                {"accountKey": "%s", "webhookKey": "nudge-key-of-16-or-more"}
                """.formatted(key));
        assertThat(body(stored, 200).at("/webhook").asBoolean()).isTrue();
        var browser = TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);

        for (String seen : List.of(
                stored.body(),
                admin.get("/billing/claims/settings").body(),
                browser.get("/app/claims/settings").body(),
                browser.get("/app/audit").body())) {
            assertThat(seen).doesNotContain(key).doesNotContain("nudge-key");
        }
        assertThat(browser.get("/app/claims/settings").body()).contains("Connected");
        Long readable = hospital.call(() -> context.getBean(TransactionTemplate.class)
                .execute(status -> context.getBean(JdbcClient.class)
                        .sql("select position(:key::bytea in account_key_encrypted) from claims_claimmd_connections")
                        .param("key", key)
                        .query(Long.class)
                        .single()));
        assertThat(readable).isZero();
        assertThat(hospital.call(() -> context.getBean(ClaimMdConnections.class).accountKey()))
                .contains(key);

        assertThat(admin.json("DELETE", "/billing/claims/settings/connection", "")
                        .statusCode())
                .isEqualTo(204);
        assertThat(body(admin.get("/billing/claims/settings"), 200)
                        .at("/connection/active")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void onlyAdministratorsSetTheConnectionTheProviderAndPayers() {
        assertThat(clerk.get("/billing/claims/settings").statusCode()).isEqualTo(403);
        assertThat(clerk.json("PUT", "/billing/claims/settings/connection", "{\"accountKey\": \"mine\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("PUT", "/billing/claims/settings/billing-provider", PROVIDER)
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", "/billing/payers", "{}").statusCode()).isIn(400, 403);
        assertThat(admin.json("PUT", "/billing/claims/settings/billing-provider", PROVIDER.replace("1234567893", "123"))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void peopleSetEverythingOnPages() {
        var browser = TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        browser.get("/app/claims/settings");
        browser.post("/app/claims/settings/connection", Map.of("accountKey", hospital.code()));
        browser.post(
                "/app/claims/settings/billing-provider",
                Map.of(
                        "name", "Riverside Hospital",
                        "npi", "1234567893",
                        "taxId", "001234567",
                        "taxonomy", "282N00000X",
                        "street", "1 River Road",
                        "city", "Albany",
                        "state", "NY",
                        "postalCode", "122070000",
                        "contactName", "Billing Office",
                        "contactPhone", "5185550100"));
        browser.post(
                "/app/payers",
                Map.of("name", "Greenleaf", "payerClass", "commercial", "remitIdentifier", "1987654321"));
        UUID payer = hospital.call(
                () -> context.getBean(Payers.class).all().getFirst().id());
        browser.post("/app/payers/%s/terms".formatted(payer), Map.of("appealDays", "90", "claimMdPayerId", "60054"));
        assertThat(browser.get("/app/payers").body()).contains("60054");
        browser.post("/app/payers/accepted-adjustments", Map.of("accepted", "45, 59"));
        browser.post("/app/payers/%s/terms".formatted(payer), Map.of("appealDays", "90", "accepted", "45; b7"));
        assertThat(browser.get("/app/payers").body()).contains("value=\"45, 59\"", "value=\"45, B7\"");
        assertThat(browser.get("/app/claims/settings").body()).contains("Riverside Hospital");

        var desk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        desk.get("/app/patient-accounts/" + patient);
        desk.post("/app/patient-accounts/%s/insurances".formatted(patient), insurance(payer));
        String page = desk.get("/app/patient-accounts/" + patient).body();
        assertThat(page).contains("Primary").contains("\u20260101").doesNotContain("KMH400101");
        desk.post(
                "/app/patient-accounts/%s/eligibility-checks".formatted(patient),
                Map.of("payerId", payer.toString(), "asked", "X12"));
        assertThat(desk.get("/app/patient-accounts/" + patient).body()).contains("Silver Plan");

        UUID claim = claim(payer, "W2");
        assertThat(desk.get("/app/claims/" + claim).body()).contains("Greenleaf has not answered yet.");
        desk.post(
                "/app/claims/%s/submission".formatted(claim),
                Map.of("form", "professional", "diagnoses", "J02.9, R05.9", "placeOfService", "22"));
        assertThat(desk.get("/app/claims").body()).contains("W2").contains("Send ready claims");
        assertThat(desk.get("/app/claims/" + claim).body()).contains("J029, R059");
        desk.post("/app/claims/batches", Map.of());
        assertThat(context.getBean(ClaimExchange.class).send(hospital.id())).isTrue();
        assertThat(desk.get("/app/claims?state=accepted").body()).contains("W2");
        assertThat(account.uploads()).singleElement().asString().contains("HI*ABK:J029*ABF:R059~");
    }

    private UUID setUp() throws Exception {
        body(
                admin.json(
                        "PUT",
                        "/billing/claims/settings/connection",
                        "{\"accountKey\": \"%s\"}".formatted(hospital.code())),
                200);
        body(admin.json("PUT", "/billing/claims/settings/billing-provider", PROVIDER), 200);
        var payer = body(admin.json("POST", "/billing/payers", """
                {"name": "Greenleaf", "payerClass": "commercial", "remitIdentifier": "1987654321"}
                """), 201);
        String id = payer.at("/id").asText();
        assertThat(body(admin.json("PUT", "/billing/payers/%s/claimmd-id".formatted(id), """
                        {"claimMdPayerId": "60054"}
                        """), 200)
                        .at("/claimMdPayerId")
                        .asText())
                .isEqualTo("60054");
        assertThat(body(admin.json("PUT", "/billing/payers/accepted-adjustments", """
                        {"reasonCodes": ["45"]}
                        """), 200)
                        .at("/reasonCodes")
                        .toString())
                .isEqualTo("[\"45\"]");
        assertThat(body(admin.json("PUT", "/billing/payers/%s/accepted-adjustments".formatted(id), """
                        {"reasonCodes": ["45", "253"]}
                        """), 200)
                        .at("/acceptedAdjustments")
                        .toString())
                .isEqualTo("[\"253\",\"45\"]");
        assertThat(admin.json("PUT", "/billing/payers/accepted-adjustments", "{\"reasonCodes\": [\"much too long\"]}")
                        .statusCode())
                .isIn(400, 422);
        assertThat(clerk.json("PUT", "/billing/payers/accepted-adjustments", "{\"reasonCodes\": null}")
                        .statusCode())
                .isEqualTo(403);
        String insurances = "/billing/patient-accounts/%s/insurances".formatted(patient);
        var insurance = body(clerk.json("PUT", insurances + "/" + id, INSURANCE), 200);
        assertThat(insurance.at("/rank").asText()).isEqualTo("primary");
        assertThat(body(clerk.get(insurances), 200)).hasSize(1);
        return UUID.fromString(id);
    }

    private UUID claim(UUID payer, String controlNumber) {
        return hospital.call(() -> context.getBean(Claims.class)
                .create(new NewClaim(
                        patient,
                        payer,
                        controlNumber,
                        CareSetting.OUTPATIENT,
                        DAY,
                        List.of(NewClaim.Line.procedure("99213", DAY, Money.parse("USD 100.00"))))));
    }

    private static Map<String, String> insurance(UUID payer) {
        var form = new HashMap<String, String>();
        form.put("payerId", payer.toString());
        form.put("memberId", "KMH400101");
        form.put("familyName", "Doe");
        form.put("givenName", "Jane");
        form.put("birthDate", "1980-02-29");
        form.put("sex", "F");
        form.put("street", "1 Elm St");
        form.put("city", "Albany");
        form.put("state", "NY");
        form.put("postalCode", "12207");
        return form;
    }

    private JsonNode body(HttpResponse<String> answer, int status) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return json.readTree(answer.body());
    }
}
