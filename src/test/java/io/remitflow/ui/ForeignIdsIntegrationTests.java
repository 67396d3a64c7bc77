package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.local.BooksTest;
import io.remitflow.local.DemoHospital;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Case E1, made from the table of routes and from the tables of the database: whatever is added later is covered.
 *
 * <p>Someone with every role of one organization asks every route for an id that another one has in every table. The answer
 * must be the one for an id that does not exist, which is 404, and no row of the other organization may change.
 */
@BooksTest
class ForeignIdsIntegrationTests {

    private static final String ABSENT = "0190a000-0000-7000-8000-000000000000";
    private static final String FOREIGN = "0190a000-0000-7000-8000-00000000f0f0";
    private static final String OWN = "0190a000-0000-7000-8000-0000000000aa";

    /** Routes that do not answer 404 for an absent id, each with its reason. */
    private static final Map<String, String> NOT_LOOKED_UP = Stream.of(
                    Map.entry("tells on the list that it is not there", """
                            POST /app/operations/messages/{id}/retry
                            POST /app/remittances/misrouted/{fileId}/check
                            POST /app/remittances/rejected/{id}/confirmation
                            """),
                    Map.entry("looks for the open task of the case first, and nobody has one of an absent case", """
                            POST /app/refunds/{id}/approval
                            POST /app/refunds/{id}/method
                            POST /app/refunds/{id}/payout
                            POST /app/refunds/{id}/reissue
                            POST /app/rules/releases/{id}/approval
                            POST /app/rules/{decision}/release
                            POST /app/write-offs/{id}/approval
                            """),
                    Map.entry(
                            "has the key of a task or the id of Claim.MD, which are numbers, or the name of a gateway",
                            """
                            GET /app/tasks/{key}
                            POST /app/operations/claimmd-eras/{id}/do-without
                            POST /app/tasks/{key}/claim
                            POST /app/tasks/{key}/release
                            PUT /billing/payment-gateways/{provider}/api-key
                            PUT /billing/payment-gateways/{provider}/webhook-secret
                            """))
            .flatMap(reason -> reason.getValue().lines().map(route -> Map.entry(route, reason.getKey())))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

    private static final String[] TABLES = {
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
        "reconciliation_discrepancies"
    };

    /** Complete for every form and every body, so that nothing but the id stands in the way. */
    private static final Map<String, String> FORM = Map.ofEntries(
            Map.entry("reason", "overpayment"),
            Map.entry("name", "test"),
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
            Map.entry("email", "jane@hospital.example"),
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

    /** What a route wants that stands in the way of others. */
    private static final Map<String, Map<String, String>> OWN_FORM = Map.of(
            "POST /app/ledger/journal/drafts/{id}", Map.of("type", "STANDARD"),
            "POST /app/patient-accounts/{account}/invoices", Map.of("type", "patient", "setting", "outpatient"),
            "POST /app/settlements/{id}/match", Map.of("cash", ABSENT, "remittance", ABSENT),
            "POST /app/takebacks/{id}/resolution", Map.of("resolution", "contractual"),
            "POST /app/users/{id}/roles", Map.of("role", "analyst"));

    private static final Map<String, String> OWN_BODY = Map.ofEntries(
            Map.entry(
                    "POST /accounting/bank-reconciliations/{id}/lines/{line}/decision",
                    "{\"decision\": \"carried\", \"reason\": \"test\"}"),
            Map.entry(
                    "POST /accounting/bank-reconciliations/{id}/lines/{line}/earlier-entry",
                    "{\"entry\": \"%s\", \"reason\": \"test\"}".formatted(ABSENT)),
            Map.entry(
                    "POST /accounting/bank-reconciliations/{id}/lines/{line}/offset",
                    "{\"line\": \"%s\", \"reason\": \"test\"}".formatted(ABSENT)),
            Map.entry("POST /billing/checks/{id}/split", "{\"version\": 0, \"lines\": [1]}"),
            Map.entry(
                    "POST /billing/credit-balances/{id}/classification",
                    "{\"belongsTo\": \"patient\", \"payerClass\": \"none\", \"cause\": \"unknown\"}"),
            Map.entry("POST /billing/credit-balances/{id}/finding", "{\"finding\": \"test\"}"),
            Map.entry(
                    "POST /billing/credit-memos/{id}/applications",
                    "{\"invoiceId\": \"%s\", \"amount\": \"1.00\"}".formatted(ABSENT)),
            Map.entry("POST /billing/invoices/{invoiceId}/send", "{\"method\": \"email\"}"),
            Map.entry(
                    "POST /billing/remittances/takebacks/{id}/resolution",
                    "{\"as\": \"contractual\", \"reason\": \"test\"}"),
            Map.entry("POST /billing/settlements/{id}/match", "{\"settlements\": [\"%s\"]}".formatted(ABSENT)),
            Map.entry("POST /billing/settlements/{id}/trace-request", "{\"outcome\": \"requested\"}"),
            Map.entry("PUT /billing/held-claims/{id}/note", "{\"text\": \"test\"}"),
            Map.entry("PUT /billing/invoices/{invoiceId}", """
                    {"accountId": "%s", "type": "patient", "careSetting": "outpatient", "lines": [
                      {"serviceDate": "2026-11-02", "description": "test", "unitPrice": "1.00"}]}
                    """.formatted(ABSENT)));

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
        var ours = BusyHospital.open(context);
        try {
            assertThat(unify(theirs, FOREIGN)).isEqualTo(unify(ours, OWN));
            String boss =
                    BusyHospital.BOSS + "@" + TestHospital.of(context, ours).code();
            var page = TestClient.browser(port).signIn(boss, DemoHospital.PASSWORD);
            page.get("/app/inbox");
            var api = TestClient.api(port, boss, DemoHospital.PASSWORD);
            var before = contents(theirs);

            // Those that only read, at the same time.
            var different = new ArrayList<>(routes().parallelStream()
                    .filter(Route::reads)
                    .flatMap(route -> differences(route, page, api))
                    .toList());
            routes().stream()
                    .filter(route -> !route.reads())
                    .flatMap(route -> differences(route, page, api))
                    .forEach(different::add);
            assertThat(different).isEmpty();
            assertThat(contents(theirs))
                    .as("the rows of the other organization")
                    .isEqualTo(before);
        } finally {
            TestHospital.of(context, theirs).forget();
            TestHospital.of(context, ours).forget();
        }
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

    private static Stream<String> differences(Route route, TestClient page, TestClient api) {
        var client = route.path().startsWith("/app") ? page : api;
        var different = new ArrayList<String>();
        for (String first : route.ids() > 1 ? List.of("", OWN) : List.of("")) {
            var absent = ask(client, route, first, ABSENT);
            if (absent.statusCode() != 404 && !NOT_LOOKED_UP.containsKey(route.toString())) {
                different.add("%s for an absent id: %d %s".formatted(route, absent.statusCode(), detail(absent)));
            }
            var answer = ask(client, route, first, FOREIGN);
            if (answer.statusCode() >= 500
                    || answer.statusCode() != absent.statusCode()
                    || !location(answer, FOREIGN).equals(location(absent, ABSENT))
                    || !comparable(answer.body(), FOREIGN).equals(comparable(absent.body(), ABSENT))) {
                different.add("%s for a foreign id%s: %d instead of %d"
                        .formatted(
                                route,
                                first.isEmpty() ? "" : " of one of ours",
                                answer.statusCode(),
                                absent.statusCode()));
            }
        }
        return different.stream();
    }

    /** @param first in the place of all ids but the last; empty for the same one everywhere */
    private static HttpResponse<String> ask(TestClient client, Route route, String first, String id) {
        int last = route.path().lastIndexOf('{');
        String path = route.path().substring(0, last).replaceAll("\\{[^}]+}", first.isEmpty() ? id : first)
                + route.path().substring(last).replaceAll("\\{[^}]+}", id);
        if (route.reads()) {
            return client.get(path);
        }
        if (route.path().startsWith("/app")) {
            return client.post(path, route.form());
        }
        return client.send(client.request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", id)
                .method(route.method(), BodyPublishers.ofString(OWN_BODY.getOrDefault(route.toString(), BODY))));
    }

    private static String detail(HttpResponse<String> answer) {
        return answer.body().length() < 400 ? answer.body() : "";
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

    /**
     * One row of every table gets the same id, and what refers to it follows: a question for that id is one for all tables.
     *
     * @return the tables
     */
    private static Set<String> unify(OrganizationId hospital, String id) {
        var source = TestServices.postgres().superuser();
        var superuser = JdbcClient.create(source);
        var ids = idsOf(hospital);
        assertThat(ids).containsKeys(TABLES);
        new TransactionTemplate(new JdbcTransactionManager(source)).executeWithoutResult(transaction -> {
            superuser.sql("set local session_replication_role = replica").update();
            ids.forEach((table, old) -> {
                rename(superuser, table, "id", hospital, old, id);
                superuser
                        .sql("""
                                select f.conrelid::regclass::text as child, a.attname as name
                                  from pg_constraint f
                                  join lateral unnest(f.conkey, f.confkey) as k(child, parent) on true
                                  join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.child
                                  join pg_attribute p on p.attrelid = f.confrelid and p.attnum = k.parent
                                 where f.contype = 'f' and f.confrelid = cast(:table as regclass) and p.attname = 'id'
                                """)
                        .param("table", table)
                        .query((row, number) -> List.of(row.getString("child"), row.getString("name")))
                        .list()
                        .forEach(reference ->
                                rename(superuser, reference.getFirst(), reference.getLast(), hospital, old, id));
            });
        });
        return ids.keySet();
    }

    private static void rename(
            JdbcClient superuser, String table, String column, OrganizationId hospital, String old, String id) {
        superuser
                .sql("update %1$s set %2$s = cast(:id as uuid) where org_id = :org and %2$s = cast(:old as uuid)"
                        .formatted(table, column))
                .param("id", id)
                .param("org", hospital.value())
                .param("old", old)
                .update();
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

    static Map<String, String> contents(OrganizationId hospital) {
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
                                .map(method -> new Route(method.name(), path, entry.getValue()))))
                .sorted(Comparator.comparing((Route route) -> !route.reads()).thenComparing(Route::toString))
                .toList();
    }

    private record Route(String method, String path, HandlerMethod handler) {

        boolean reads() {
            return method.equals("GET");
        }

        long ids() {
            return path.chars().filter(character -> character == '{').count();
        }

        /** With everything that the handler requires. */
        Map<String, String> form() {
            var form = new HashMap<>(FORM);
            for (var parameter : handler.getMethodParameters()) {
                var asked = parameter.getParameterAnnotation(RequestParam.class);
                if (asked != null && asked.required() && asked.defaultValue().equals(ValueConstants.DEFAULT_NONE)) {
                    String name =
                            asked.name().isEmpty() ? parameter.getParameter().getName() : asked.name();
                    form.putIfAbsent(name, valueOf(parameter.getParameterType()));
                }
            }
            form.putAll(OWN_FORM.getOrDefault(toString(), Map.of()));
            return form;
        }

        private static String valueOf(Class<?> type) {
            if (type == UUID.class) {
                return ABSENT;
            }
            if (type == LocalDate.class) {
                return "2026-11-02";
            }
            if (type == YearMonth.class) {
                return "2026-11";
            }
            if (type == boolean.class || type == Boolean.class) {
                return "true";
            }
            return type.isEnum() ? String.valueOf(type.getEnumConstants()[0]) : "1";
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }
}
