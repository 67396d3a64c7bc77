package io.remitflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;

@BooksTest
class LedgerWebIntegrationTests {

    static final String ENTRIES = "/accounting/journal-entries";
    static final String CHART = "/accounting/chart-of-accounts";

    @Autowired
    ApplicationContext context;

    @Autowired
    TestRestTemplate http;

    @Autowired
    Journal journal;

    @LocalServerPort
    int port;

    TestHospital hospital;
    LocalDate today;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        today = hospital.call(() -> context.getBean(Organizations.class).today());
    }

    @Test
    void aDraftIsWrittenChangedPostedAndReversed() {
        var created = call(HttpMethod.POST, ENTRIES, Role.ACCOUNTING_STAFF, draft(1000, 900), "first");
        assertThat(created.getStatusCode().value()).isEqualTo(201);
        assertThat(body(created).path("status").asText()).isEqualTo("draft");
        String path = ENTRIES + "/" + body(created).path("id").asText();
        assertThat(body(call(HttpMethod.POST, ENTRIES, Role.ACCOUNTING_STAFF, draft(1000, 900), "first"))
                        .path("id"))
                .isEqualTo(body(created).path("id"));
        assertThat(code(call(HttpMethod.POST, ENTRIES, Role.ACCOUNTING_STAFF, draft(1000, 800), "first")))
                .isEqualTo("idempotency-key-reused");

        assertThat(code(call(HttpMethod.POST, path + "/post", Role.ACCOUNTING_STAFF, null, null)))
                .isEqualTo("entry-not-balanced");
        assertThat(code(call(HttpMethod.PUT, path, Role.ACCOUNTING_STAFF, draft(1000, 1000), null)))
                .as("somebody else may have changed it since")
                .isEqualTo("invalid-input");
        var changed = call(HttpMethod.PUT, path, Role.ACCOUNTING_STAFF, ofVersion(1, draft(1000, 1000)), null);
        assertThat(body(changed).path("version").asInt()).isEqualTo(2);
        var stale = Map.of("version", 1, "description", "old", "lines", List.of());
        assertThat(code(call(HttpMethod.PUT, path, Role.ACCOUNTING_STAFF, stale, null)))
                .isEqualTo("changed-meanwhile");

        var posted = body(call(HttpMethod.POST, path + "/post", Role.ACCOUNTING_STAFF, null, null));
        assertThat(posted.path("status").asText()).isEqualTo("posted");
        assertThat(posted.path("id")).isEqualTo(body(created).path("id"));
        assertThat(posted.path("total").path("amountMinor").asLong()).isEqualTo(1000);
        assertThat(posted.path("total").path("display").asText()).isEqualTo("10.00");
        assertThat(body(call(HttpMethod.POST, path + "/post", Role.ACCOUNTING_STAFF, null, null)))
                .isEqualTo(posted);
        assertThat(code(call(HttpMethod.PUT, path, Role.ACCOUNTING_STAFF, ofVersion(2, draft(1, 1)), null)))
                .isEqualTo("entry-not-a-draft");

        var reason = Map.of("reason", "typed twice");
        var voided = body(call(HttpMethod.POST, path + "/void", Role.ACCOUNTING_STAFF, reason, "undo"));
        assertThat(voided.path("reversedByEntryId").asText()).isNotEmpty();
        assertThat(body(call(HttpMethod.POST, path + "/void", Role.ACCOUNTING_STAFF, reason, "undo")))
                .isEqualTo(voided);
        assertThat(code(call(HttpMethod.POST, path + "/void", Role.ACCOUNTING_STAFF, reason, "again")))
                .isEqualTo("entry-already-reversed");
        assertThat(body(get(ENTRIES + "?from=" + today + "&to=" + today, Role.ACCOUNTING_STAFF))
                        .path("count")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void g1_theApiPostsBalancedEntriesOnly() {
        var debit = Map.of("accountCode", "7000", "debitMinor", 1000);
        var short1 = Map.of("accountCode", "1000", "creditMinor", 999);
        for (List<?> lines : List.of(List.of(), List.of(debit), List.of(debit, debit), List.of(debit, short1))) {
            String path = ENTRIES + "/"
                    + body(call(
                                    HttpMethod.POST,
                                    ENTRIES,
                                    Role.ACCOUNTING_STAFF,
                                    Map.of("description", "Rent", "lines", lines),
                                    null))
                            .path("id")
                            .asText();
            var answer = call(HttpMethod.POST, path + "/post", Role.ACCOUNTING_STAFF, null, null);
            assertThat(answer.getStatusCode().value()).as("%s", lines).isEqualTo(422);
            assertThat(code(answer)).as("%s", lines).isEqualTo("entry-not-balanced");
        }
        for (Map<String, ?> line : List.of(
                Map.of("accountCode", "1000", "creditMinor", 0),
                Map.of("accountCode", "1000", "creditMinor", -1000),
                Map.of("accountCode", "1000", "creditMinor", 1000, "debitMinor", 1000),
                Map.of("accountCode", "1000", "creditMinor", 1000.5))) {
            var answer = call(
                    HttpMethod.POST,
                    ENTRIES,
                    Role.ACCOUNTING_STAFF,
                    Map.of("description", "Rent", "lines", List.of(debit, line)),
                    null);
            assertThat(answer.getStatusCode().is4xxClientError()).as("%s", line).isTrue();
        }
        assertThat(body(get(ENTRIES, Role.ACCOUNTING_STAFF)).path("count").asInt(-1))
                .isZero();
    }

    @Test
    void e2_aBodyThatNamesAnotherOrganizationWritesIntoTheOwn() {
        var own = hospital;
        var other = TestHospital.create(context);
        Map<String, Object> request = new HashMap<>(draft(1000, 1000));
        for (String name : List.of("orgId", "org_id", "organization", "organizationId", "tenantId")) {
            request.put(name, other.id().toString());
        }

        var answer = call(HttpMethod.POST, ENTRIES, Role.ACCOUNTING_STAFF, request, null);

        assertThat(answer.getStatusCode().value()).as("%s", answer.getBody()).isEqualTo(201);
        for (var each : List.of(own, other)) {
            assertThat(each.call(() -> context.getBean(JournalDrafts.class).open()))
                    .hasSize(each == own ? 1 : 0);
        }
    }

    @Test
    void aDraftIsDiscarded() {
        String path = ENTRIES + "/"
                + body(call(HttpMethod.POST, ENTRIES, Role.ACCOUNTING_STAFF, draft(5, 5), null))
                        .path("id")
                        .asText();

        var voided = call(HttpMethod.POST, path + "/void", Role.ACCOUNTING_STAFF, Map.of("reason", "mistake"), null);

        assertThat(body(voided).path("status").asText()).isEqualTo("void");
        assertThat(code(call(HttpMethod.POST, path + "/post", Role.ACCOUNTING_STAFF, null, null)))
                .isEqualTo("entry-not-a-draft");
    }

    @Test
    void theChartIsReadExtendedAndChanged() {
        assertThat(body(get(CHART, Role.BILLING_CLERK)).path("items")).hasSize(StandardAccount.values().length);
        var account = Map.of("code", "1001", "name", "Second bank", "type", "asset");
        var created = call(HttpMethod.POST, CHART, Role.ACCOUNTING_STAFF, account, null);
        assertThat(created.getStatusCode().value()).isEqualTo(201);
        assertThat(code(call(HttpMethod.POST, CHART, Role.ACCOUNTING_STAFF, account, null)))
                .isEqualTo("duplicate-account-code");
        String path = CHART + "/" + body(created).path("id").asText();

        assertThat(body(call(HttpMethod.PUT, path, Role.ACCOUNTING_STAFF, Map.of("active", false), null))
                        .path("active")
                        .asBoolean())
                .isFalse();
        String cash = CHART + "/" + hospital.call(() -> cash().toString());
        assertThat(code(call(HttpMethod.PUT, cash, Role.ACCOUNTING_STAFF, Map.of("active", false), null)))
                .isEqualTo("system-account");
    }

    @Test
    void anAccountNeverLiesBelowItself() {
        String a = newAccount("9001", null);
        String b = newAccount("9002", a);
        String c = newAccount("9003", b);

        for (String below : List.of(a, b, c)) {
            assertThat(code(call(
                            HttpMethod.PUT, CHART + "/" + a, Role.ACCOUNTING_STAFF, Map.of("parentId", below), null)))
                    .isEqualTo("invalid-input");
        }
        assertThat(body(get(CHART + "/" + a, Role.ACCOUNTING_STAFF))
                        .path("parentId")
                        .isNull())
                .isTrue();
        assertThat(body(call(HttpMethod.PUT, CHART + "/" + c, Role.ACCOUNTING_STAFF, Map.of("parentId", a), null))
                        .path("parentId")
                        .asText())
                .isEqualTo(a);
    }

    @Test
    void ofTwoAccountsThatBecomeEachOthersParentAtOnceOneStays() throws Exception {
        var first = UUID.fromString(newAccount("9001", null));
        var second = UUID.fromString(newAccount("9002", null));
        var chart = context.getBean(ChartOfAccounts.class);
        try (var pool = Executors.newFixedThreadPool(2)) {
            var refused = pool.invokeAll(List.of(placing(chart, first, second), placing(chart, second, first))).stream()
                    .filter(future -> future.resultNow().equals("refused"));
            assertThat(refused).hasSize(1);
        }
    }

    private Callable<String> placing(ChartOfAccounts chart, UUID id, UUID parent) {
        return () -> hospital.call(() -> {
            try {
                chart.update(id, new AccountChange("Placed", null, parent, null, true));
                return "placed";
            } catch (RuleViolation e) {
                return "refused";
            }
        });
    }

    private String newAccount(String code, @Nullable String parent) {
        Map<String, String> account = new HashMap<>(Map.of("code", code, "name", "Of a group", "type", "asset"));
        if (parent != null) {
            account.put("parentId", parent);
        }
        return body(call(HttpMethod.POST, CHART, Role.ACCOUNTING_STAFF, account, null))
                .path("id")
                .asText();
    }

    @Test
    void booksThatDoNotAddUpAreSaidOnTheOperationsPageAndByHealthUntilACheckFindsNothing() {
        post(1);
        var check = context.getBean(LedgerCheck.class);
        var manager = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        damageCash(1);
        try {
            check.checkAll();

            assertThat(manager.get("/app/operations").body()).contains("1 figure is", "account 1000", "report it");
            assertThat(manager.get("/app").body()).contains("Stuck in operations");
            assertThat(TestClient.browser(port).get("/actuator/health/books").statusCode())
                    .isEqualTo(503);
            var other = TestHospital.create(context);
            assertThat(TestClient.browser(port)
                            .signIn(other.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD)
                            .get("/app/operations")
                            .body())
                    .doesNotContain("1 figure is");
        } finally {
            damageCash(-1);
            check.checkAll();
        }

        assertThat(manager.get("/app/operations").body()).doesNotContain("1 figure is");
        assertThat(TestClient.browser(port).get("/actuator/health/books").statusCode())
                .isEqualTo(200);
    }

    private void damageCash(int by) {
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update accounting_chart_of_accounts set current_balance = current_balance + ? "
                        + "where org_id = ? and account_code = '1000'")
                .param(by)
                .param(hospital.id().value())
                .update();
    }

    @Test
    void anAccountIsRenamedDescribedAndSetInactiveOnItsPage() {
        String id = newAccount("9001", null);
        String page = "/app/ledger/accounts/" + id;
        var accountant =
                TestClient.browser(port).signIn(hospital.signInName(Role.ACCOUNTING_STAFF), TestHospital.PASSWORD);
        assertThat(accountant.get(page).body()).contains("Change this account", "Active: may be posted to");

        accountant.post(page, Map.of("name", "Parking", "description", "Of the garage"));

        assertThat(accountant.get(page).body()).contains("9001 Parking", "Of the garage", "rf-inactive");
        accountant.post(page, Map.of("name", "Parking", "active", "true"));
        assertThat(accountant.get(page).body()).doesNotContain("Of the garage", "rf-inactive");
        accountant.post(page, Map.of("name", " ", "active", "true"));
        assertThat(accountant.get(page).body()).as("a blank name is refused").contains("9001 Parking");

        String cash = "/app/ledger/accounts/" + hospital.call(() -> cash().toString());
        accountant.post(cash, Map.of("name", "Cash at the bank"));
        assertThat(accountant.get(cash).body())
                .contains("1000 Cash at the bank", "so it stays active")
                .doesNotContain("rf-inactive");

        var clerk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get(page).body()).doesNotContain("Change this account");
        assertThat(clerk.post(page, Map.of("name", "Mine")).statusCode()).isEqualTo(403);
    }

    @Test
    void theLedgerOfAnAccountPagesWithARunningBalance() {
        post(5);
        String cash = CHART + "/" + hospital.call(() -> cash().toString());

        var first = body(get(cash + "/ledger?limit=3&from=" + today, Role.BILLING_CLERK));
        var second = body(get(
                cash + "/ledger?limit=3&from=" + today + "&after="
                        + first.path("next").asText(),
                Role.BILLING_CLERK));

        assertThat(first.path("items")).hasSize(3);
        assertThat(second.path("items")).hasSize(2);
        assertThat(second.path("opening")).isEqualTo(first.path("closing"));
        assertThat(second.path("closing").path("amountMinor").asLong()).isEqualTo(500);
        assertThat(second.path("next").isNull()).isTrue();
        assertThat(body(get(cash + "/balance?asOf=" + today.minusDays(1), Role.BILLING_CLERK))
                        .path("balance")
                        .path("amountMinor")
                        .asLong())
                .isZero();
        assertThat(code(get(cash + "/ledger?after=nonsense", Role.BILLING_CLERK)))
                .isEqualTo("invalid-input");
    }

    @Test
    void theListPagesWithoutLosingOrRepeatingAnEntry() {
        post(7);
        var numbers = new java.util.ArrayList<String>();
        String after = "";
        do {
            var page = body(get(ENTRIES + "?limit=3" + after, Role.BILLING_CLERK));
            page.path("items").forEach(item -> numbers.add(item.path("number").asText()));
            after = page.path("next").isNull()
                    ? ""
                    : "&after=" + page.path("next").asText();
        } while (!after.isEmpty());

        assertThat(numbers).hasSize(7).doesNotHaveDuplicates();
    }

    @Test
    void e2_anotherOrganizationsEntriesAndAccountsDoNotExist() {
        var entry = post(1);
        String account = hospital.call(() -> cash().toString());
        hospital = TestHospital.create(context);

        for (String path : List.of(
                ENTRIES + "/" + entry,
                CHART + "/" + account,
                CHART + "/" + account + "/ledger",
                CHART + "/" + account + "/balance")) {
            assertThat(get(path, Role.ACCOUNTING_STAFF).getStatusCode().value())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(call(
                                HttpMethod.POST,
                                ENTRIES + "/" + entry + "/void",
                                Role.ACCOUNTING_STAFF,
                                Map.of("reason", "x"),
                                null)
                        .getStatusCode()
                        .value())
                .isEqualTo(404);
    }

    @Test
    void aClerkReadsButDoesNotWrite() {
        assertThat(get(ENTRIES, Role.BILLING_CLERK).getStatusCode().value()).isEqualTo(200);
        assertThat(call(HttpMethod.POST, ENTRIES, Role.BILLING_CLERK, draft(5, 5), null)
                        .getStatusCode()
                        .value())
                .isEqualTo(403);
        assertThat(get(ENTRIES, Role.ORG_ADMIN).getStatusCode().value()).isEqualTo(403);
    }

    private java.util.UUID cash() {
        return context.getBean(ChartOfAccounts.class)
                .get(StandardAccount.CASH_OPERATING)
                .id();
    }

    private java.util.UUID post(int entries) {
        return hospital.call(() -> {
            java.util.UUID last = null;
            for (int i = 0; i < entries; i++) {
                last = journal.post(NewEntry.on(today, "test", "web:" + i, "Entry " + i)
                                .debit("1000", Money.parse("USD 1.00"), null)
                                .credit("4000", Money.parse("USD 1.00"), null)
                                .build())
                        .id();
            }
            return Objects.requireNonNull(last);
        });
    }

    private static Map<String, Object> draft(long debit, long credit) {
        return Map.of(
                "description",
                "Rent",
                "lines",
                List.of(
                        Map.of("accountCode", "7000", "debitMinor", debit),
                        Map.of("accountCode", "1000", "creditMinor", credit)));
    }

    private static Map<String, Object> ofVersion(int version, Map<String, Object> draft) {
        Map<String, Object> request = new HashMap<>(draft);
        request.put("version", version);
        return request;
    }

    private ResponseEntity<JsonNode> get(String path, Role role) {
        return call(HttpMethod.GET, path, role, null, null);
    }

    private ResponseEntity<JsonNode> call(
            HttpMethod method,
            String path,
            Role role,
            @org.jspecify.annotations.Nullable Object body,
            @org.jspecify.annotations.Nullable String idempotencyKey) {
        var headers = new HttpHeaders();
        headers.setBasicAuth(hospital.signInName(role), TestHospital.PASSWORD);
        headers.setContentType(MediaType.APPLICATION_JSON);
        if (idempotencyKey != null) {
            headers.set("Idempotency-Key", idempotencyKey);
        }
        return http.exchange(path, method, new HttpEntity<>(body, headers), JsonNode.class);
    }

    private static JsonNode body(ResponseEntity<JsonNode> response) {
        return Objects.requireNonNull(response.getBody());
    }

    private static String code(ResponseEntity<JsonNode> response) {
        return body(response).path("code").asText();
    }
}
