package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Case E1, made from the table of routes and from the tables of the database: whatever is added later is covered.
 *
 * <p>Someone with every role of one organization asks every route for ids of every table of another one. The answer must
 * be the one for an id that does not exist, and no row of the other organization may change.
 */
@BooksTest
class ForeignIdsIntegrationTests {

    private static final String ABSENT = "0190a000-0000-7000-8000-000000000000";

    /** Complete for every form and every body, so that nothing but the id stands in the way. */
    private static final Map<String, String> FORM = Map.ofEntries(
            Map.entry("reason", "overpayment"),
            Map.entry("comment", "test"),
            Map.entry("description", "test"),
            Map.entry("amount", "1.00"),
            Map.entry("method", "check"),
            Map.entry("methodReason", "test"),
            Map.entry("reference", "test"),
            Map.entry("decision", "reject"),
            Map.entry("resolution", "explained"),
            Map.entry("note", "test"),
            Map.entry("choice", "correct"),
            Map.entry("outcome", "sent"),
            Map.entry("appealDays", "90"),
            Map.entry("form", "professional"),
            Map.entry("diagnoses", "J02.9"),
            Map.entry("payerId", ABSENT),
            Map.entry("memberId", "M1"),
            Map.entry("familyName", "Doe"),
            Map.entry("givenName", "Jane"),
            Map.entry("birthDate", "1980-02-29"),
            Map.entry("sex", "F"),
            Map.entry("street", "1 Elm St"),
            Map.entry("city", "Albany"),
            Map.entry("state", "NY"),
            Map.entry("postalCode", "12207"),
            Map.entry("status", "closed"),
            Map.entry("password", "long enough password"),
            Map.entry("role", "ANALYST"),
            Map.entry("task", "1"),
            Map.entry("what", "account:8140"),
            Map.entry("version", "0"),
            Map.entry("date", "2026-11-02"),
            Map.entry("type", "standard"));

    private static final String BODY = """
            {"reason": "overpayment", "description": "test", "amount": "1.00", "decision": "reject", "version": 0,
             "choice": "correct", "reference": "test", "resolution": "explained", "note": "test",
             "account": "8140", "form": "professional", "diagnoses": ["J02.9"], "placeOfService": "22", "appealDays": 90,
             "memberId": "M1", "accountNumber": "PA-1",
             "familyName": "Doe", "givenName": "Jane", "birthDate": "1980-02-29", "sex": "F",
             "street": "1 Elm St", "city": "Albany", "state": "NY", "postalCode": "12207",
             "name": "test", "status": "closed", "date": "2026-11-02", "type": "standard", "lines": [
               {"accountCode": "1000", "debitMinor": 100, "serviceDate": "2026-11-02", "units": 1, "charged": "1.00"},
               {"accountCode": "1100", "creditMinor": 100, "serviceDate": "2026-11-02", "units": 1, "charged": "1.00"}]}
            """;

    @Autowired
    ApplicationContext context;

    @Autowired
    Users users;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    @LocalServerPort
    int port;

    @Test
    void e1_anotherOrganizationsIdsAreAnsweredLikeAbsentOnes() {
        var theirs = BusyHospital.open(context);
        var ours = TestHospital.create(context);
        ours.run(() -> users.create("boss", "Boss", TestHospital.PASSWORD, EnumSet.allOf(Role.class)));
        var page = TestClient.browser(port).signIn("boss@" + ours.code(), TestHospital.PASSWORD);
        page.get("/app/inbox");
        var api = TestClient.api(port, "boss@" + ours.code(), TestHospital.PASSWORD);
        var ids = idsOf(theirs);
        assertThat(ids)
                .containsKeys(
                        "users",
                        "intake_files",
                        "workflow_outbox",
                        "workflow_timeline",
                        "accounting_chart_of_accounts",
                        "accounting_clearing_references",
                        "accounting_journal_entries",
                        "accounting_journal_drafts",
                        "accounting_bank_accounts",
                        "accounting_bank_statements",
                        "accounting_bank_matches",
                        "accounting_bank_reconciliation",
                        "billing_patient_accounts",
                        "billing_patient_transactions",
                        "billing_payers",
                        "billing_claims",
                        "billing_denials",
                        "billing_payments",
                        "billing_bank_deposits",
                        "billing_checkouts",
                        "billing_disputes",
                        "payments_payouts",
                        "billing_credit_balances",
                        "billing_invoices",
                        "check_mail_senders",
                        "check_mails",
                        "check_packets",
                        "check_payers",
                        "check_payments",
                        "check_remainders",
                        "billing_credit_memos",
                        "billing_refunds",
                        "billing_remittances",
                        "reconciliation_runs",
                        "reconciliation_discrepancies");
        var before = contents(theirs);

        // Those that only read, at the same time.
        var different = new ArrayList<>(routes().parallelStream()
                .filter(Route::reads)
                .flatMap(route -> differences(route, page, api, ids))
                .toList());
        routes().stream()
                .filter(route -> !route.reads())
                .flatMap(route -> differences(route, page, api, ids))
                .forEach(different::add);
        assertThat(different).isEmpty();
        assertThat(contents(theirs)).as("the rows of the other organization").isEqualTo(before);
    }

    @Test
    void e1_idsInsideABodyAreNotBelievedEither() {
        var theirs = BusyHospital.open(context);
        var ours = TestHospital.create(context);
        ours.run(() -> users.create("boss", "Boss", TestHospital.PASSWORD, EnumSet.allOf(Role.class)));
        var api = TestClient.api(port, "boss@" + ours.code(), TestHospital.PASSWORD);
        var ids = idsOf(theirs);
        var before = contents(theirs);

        for (String account : List.of(ABSENT, ids.get("billing_patient_accounts"))) {
            var payment = api.send(api.request("/billing/payments")
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", account)
                    .POST(BodyPublishers.ofString("""
                            {"accountId": "%s", "date": "2026-11-02", "amount": "10.00", "method": "cash"}
                            """.formatted(account))));
            assertThat(payment.statusCode()).as("account %s", account).isEqualTo(404);
        }
        for (String parent : List.of(ABSENT, ids.get("accounting_chart_of_accounts"))) {
            var account = api.json("POST", "/accounting/chart-of-accounts", """
                            {"code": "1999", "name": "Theirs", "type": "asset", "parentId": "%s"}
                            """.formatted(parent));
            assertThat(account.statusCode()).as("parent %s", parent).isBetween(400, 499);
        }
        assertThat(contents(theirs)).isEqualTo(before);
    }

    private static Stream<String> differences(Route route, TestClient page, TestClient api, Map<String, String> ids) {
        var client = route.path().startsWith("/app") ? page : api;
        var different = new ArrayList<String>();
        var absent = ask(client, route, ABSENT);
        if (absent.statusCode() >= 500 || route.asksForUuid() && absent.statusCode() != 404) {
            different.add("%s for an absent id: %d".formatted(route, absent.statusCode()));
        }
        for (var foreign : ids.entrySet()) {
            var answer = ask(client, route, foreign.getValue());
            if (answer.statusCode() != absent.statusCode()
                    || !location(answer, foreign.getValue()).equals(location(absent, ABSENT))
                    || !comparable(answer.body(), foreign.getValue()).equals(comparable(absent.body(), ABSENT))) {
                different.add("%s for an id of %s: %d instead of %d"
                        .formatted(route, foreign.getKey(), answer.statusCode(), absent.statusCode()));
            }
        }
        return different.stream();
    }

    private static HttpResponse<String> ask(TestClient client, Route route, String id) {
        String path = route.path().replaceAll("\\{[^}]+}", id);
        if (route.reads()) {
            return client.get(path);
        }
        if (route.path().startsWith("/app")) {
            return client.post(path, FORM);
        }
        return client.send(client.request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", id)
                .method(route.method(), BodyPublishers.ofString(BODY)));
    }

    private static String location(HttpResponse<String> answer, String id) {
        return answer.headers().firstValue("Location").orElse("").replace(id, "ID");
    }

    /** Without the id asked for and the tokens that differ with every page. */
    private static String comparable(String body, String id) {
        return body.replace(id, "ID")
                .replaceAll("(_csrf\" value=|csrf-token\" content=)\"[^\"]*\"", "")
                .replaceAll("\"reference\":\"[^\"]*\"", "")
                .replaceAll("\"timestamp\":\"[^\"]*\"", "");
    }

    private static Map<String, String> idsOf(OrganizationId hospital) {
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        var ids = new TreeMap<String, String>();
        for (String table : superuser.sql("""
                        select c.table_name from information_schema.columns c
                         where c.table_schema = 'public' and c.column_name = 'id' and c.data_type = 'uuid'
                           and exists (select from information_schema.columns o where o.table_schema = 'public'
                                        and o.table_name = c.table_name and o.column_name = 'org_id')
                        """).query(String.class).list()) {
            superuser
                    .sql("select id::text from %s where org_id = :org limit 1".formatted(table))
                    .param("org", hospital.value())
                    .query(String.class)
                    .optional()
                    .ifPresent(id -> ids.put(table, id));
        }
        return ids;
    }

    private static Map<String, String> contents(OrganizationId hospital) {
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        var contents = new TreeMap<String, String>();
        for (String table : superuser.sql("""
                        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
                         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
                           and c.relname not in ('audit_chain', 'audit_heads', 'workflow_outbox')
                        """).query(String.class).list()) {
            contents.put(
                    table,
                    superuser
                            .sql(
                                    "select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') "
                                            + "from %s t where org_id = :org".formatted(table))
                            .param("org", hospital.value())
                            .query(String.class)
                            .single());
        }
        return contents;
    }

    private List<Route> routes() {
        return requestMappingHandlerMapping.getHandlerMethods().entrySet().stream()
                .filter(entry -> entry.getValue().getBeanType().getName().startsWith("io.remitflow."))
                .flatMap(entry -> entry.getKey().getPatternValues().stream()
                        .filter(path -> path.contains("{") && !path.contains("/webhooks/"))
                        .flatMap(path -> entry.getKey().getMethodsCondition().getMethods().stream()
                                .map(method -> new Route(method.name(), path))))
                .sorted(Comparator.comparing((Route route) -> !route.reads()).thenComparing(Route::toString))
                .toList();
    }

    private record Route(String method, String path) {

        boolean reads() {
            return method.equals("GET");
        }

        /** Tasks of the engine have numbers, for which our ids are bad input. */
        boolean asksForUuid() {
            return reads() && !path.contains("{key}");
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }
}
