package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.OrganizationId;
import io.remitflow.local.BooksTest;
import io.remitflow.local.DemoHospital;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Cases F4 and F6 to F8 on all pages of a hospital in which everything has happened, found by following links. */
@BooksTest
class CrawlIntegrationTests {

    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"(/app[^\"#]*)");
    private static final Pattern INLINE = Pattern.compile(
            "<script(?![^>]*\\ssrc=)|<style|\\son(click|load|change|submit|error)=[\"']|javascript:",
            Pattern.CASE_INSENSITIVE);

    /** Of one kind of page, such as a claim, so many. */
    private static final int EACH_KIND = 2;

    private static final String MARKUP = "<b data-evil>\"'><img src=x onerror=alert(1)>";
    private static final String ESCAPED = "&lt;b data-evil&gt;";

    /** Evaluated, as template, SpEL or FEEL, it shows the product. */
    private static final List<String> EXPRESSIONS =
            List.of("__${41443*51449}__::.x *{41443*51449} #{41443*51449} ' or 1=1--", "=41443*51449");

    private static final String EVALUATED = "2132200907";

    @Autowired
    ApplicationContext context;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    @LocalServerPort
    int port;

    @Test
    void f4_f7_readingChangesNothingAndNothingThatIsReadMayBeStored() {
        var hospital = BusyHospital.shared(context);
        var boss = boss(hospital);
        var before = books(hospital);

        var answers = crawl(boss);

        assertThat(answers.keySet().stream().map(CrawlIntegrationTests::kind).distinct())
                .hasSizeGreaterThan(60)
                .anyMatch(kind -> kind.contains("/pages/"))
                .anyMatch(kind -> kind.contains("pdf"));
        assertThat(faults(answers)).isEmpty();
        assertThat(books(hospital)).isEqualTo(before);
    }

    @Test
    void f6_whatOthersWroteIntoNamesMemosAndErrorsIsShownAsText() {
        var hospital = BusyHospital.open(context);
        try {
            var spoiled = spoil(hospital);
            assertThat(spoiled)
                    .contains(
                            "billing_patient_accounts.patient_family_name",
                            "billing_payers.name",
                            "check_payments.payer_name",
                            "intake_files.original_name");

            var answers = crawl(boss(hospital));

            assertThat(answers.values())
                    .as("pages that show it")
                    .filteredOn(answer -> answer.body().contains(ESCAPED))
                    .hasSizeGreaterThan(20);
            assertThat(answers.entrySet().stream()
                            .filter(answer -> isPage(answer.getValue()))
                            .filter(answer -> answer.getValue().body().contains("<b data-evil")
                                    || answer.getValue().body().contains("<img src=x")
                                    || INLINE.matcher(answer.getValue().body()).find())
                            .map(Map.Entry::getKey))
                    .as("pages on which it is more than text")
                    .isEmpty();
            assertThat(faults(answers)).isEmpty();
        } finally {
            TestHospital.of(context, hospital).forget();
        }
    }

    @Test
    void f8_nothingThatIsSentIsEvaluated() {
        var hospital = BusyHospital.shared(context);
        var boss = boss(hospital);
        boss.get("/app/inbox");
        var api = TestClient.api(port, BusyHospital.BOSS + "@" + code(hospital), DemoHospital.PASSWORD);
        var evaluated = new TreeSet<String>();
        for (var entry : requestMappingHandlerMapping.getHandlerMethods().entrySet()) {
            if (!entry.getValue().getBeanType().getName().startsWith("io.remitflow.")) {
                continue;
            }
            for (String path : entry.getKey().getPatternValues()) {
                for (var method : entry.getKey().getMethodsCondition().getMethods()) {
                    boolean page = path.startsWith("/app");
                    if (page || path.startsWith("/billing/") || path.startsWith("/accounting/")) {
                        for (String expression : EXPRESSIONS) {
                            var answer = send(page ? boss : api, method.name(), path, entry.getValue(), expression);
                            if (answer.statusCode() >= 500
                                    || answer.body().contains(EVALUATED)
                                    || answer.headers()
                                            .firstValue("Location")
                                            .orElse("")
                                            .contains(EVALUATED)) {
                                evaluated.add(
                                        "%s %s with %s: %d".formatted(method, path, expression, answer.statusCode()));
                            }
                        }
                    }
                }
            }
        }
        assertThat(evaluated).isEmpty();
    }

    private static HttpResponse<String> send(
            TestClient client, String method, String path, HandlerMethod handler, String expression) {
        String concrete = path.replaceAll("\\{[^}]+}", encoded(expression).replace("+", "%20"));
        var fields = new HashMap<String, String>();
        Arrays.stream(handler.getMethodParameters())
                .forEach(parameter -> fields.put(parameter.getParameter().getName(), expression));
        for (String common :
                List.of("sort", "q", "state", "page", "reason", "note", "comment", "description", "name")) {
            fields.put(common, expression);
        }
        if (method.equals("GET")) {
            var query = new ArrayList<String>();
            fields.forEach((name, value) -> query.add(name + "=" + encoded(value)));
            return client.get(concrete + "?" + String.join("&", query));
        }
        if (path.startsWith("/app")) {
            return client.post(concrete, fields);
        }
        var members = new ArrayList<String>();
        fields.forEach((name, value) -> members.add("\"%s\": \"%s\"".formatted(name, value.replace("\"", "\\\""))));
        return client.send(client.request(concrete)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "f8")
                .method(method, BodyPublishers.ofString("{" + String.join(", ", members) + "}")));
    }

    /** Every page that links lead to, some of each kind. */
    private static Map<String, HttpResponse<String>> crawl(TestClient boss) {
        var answers = new LinkedHashMap<String, HttpResponse<String>>();
        var kinds = new TreeMap<String, Integer>();
        var waiting = new ArrayDeque<>(List.of("/app"));
        var seen = new TreeSet<>(waiting);
        while (!waiting.isEmpty()) {
            String path = waiting.remove();
            if (kinds.merge(kind(path), 1, Integer::sum) > EACH_KIND) {
                continue;
            }
            var answer = boss.get(path);
            answers.put(path, answer);
            if (isPage(answer)) {
                LINK.matcher(answer.body())
                        .results()
                        .map(link -> link.group(1).replace("&amp;", "&"))
                        .filter(seen::add)
                        .forEach(waiting::add);
            }
        }
        return answers;
    }

    private static Set<String> faults(Map<String, HttpResponse<String>> answers) {
        var faults = new TreeSet<String>();
        answers.forEach((path, answer) -> {
            var headers = answer.headers();
            if (answer.statusCode() >= 400) {
                faults.add("%s: %d".formatted(path, answer.statusCode()));
            }
            if (!headers.firstValue("Cache-Control").orElse("").contains("no-store")) {
                faults.add("%s: Cache-Control %s".formatted(path, headers.allValues("Cache-Control")));
            }
            if (!headers.firstValue("X-Content-Type-Options").orElse("").equals("nosniff")
                    || headers.firstValue("Strict-Transport-Security").isEmpty()
                    || headers.firstValue("Referrer-Policy").isEmpty()
                    || !headers.firstValue("Content-Security-Policy").orElse("").contains("frame-ancestors 'none'")) {
                faults.add(path + ": a security header is missing");
            }
        });
        return faults;
    }

    /** Free texts, without asking triggers; where a check of the column refuses the markup, nobody else can store it either. */
    private static Set<String> spoil(OrganizationId hospital) {
        var source = TestServices.postgres().superuser();
        var database = JdbcClient.create(source);
        var transactions = new TransactionTemplate(new JdbcTransactionManager(source));
        List<String> columns = database.sql("""
                        select c.table_name || '.' || c.column_name from information_schema.columns c
                          join information_schema.columns o on o.table_schema = 'public' and o.table_name = c.table_name
                               and o.column_name = 'org_id'
                          join information_schema.tables t on t.table_schema = 'public' and t.table_name = c.table_name
                               and t.table_type = 'BASE TABLE'
                         where c.table_schema = 'public' and c.data_type = 'text'
                           and (c.column_name ~ '(^|_)name$' or c.column_name in ('memo', 'note', 'description', 'explanation',
                                'subject', 'sender', 'comment', 'last_error', 'street', 'city'))
                           and c.column_name not in ('username', 'sign_in_name', 'message_name')
                           and c.table_name not in ('audit_log', 'organizations', 'workflow_outbox')
                        """).query(String.class).list();
        var spoiled = new TreeSet<String>();
        for (String column : columns) {
            String table = column.substring(0, column.indexOf('.'));
            String name = column.substring(column.indexOf('.') + 1);
            try {
                transactions.executeWithoutResult(transaction -> {
                    database.sql("set local session_replication_role = replica").update();
                    int rows = database.sql("update %s set %s = left(%s, 8) || ' ' || :markup where org_id = :org"
                                    .formatted(table, name, name))
                            .param("markup", MARKUP)
                            .param("org", hospital.value())
                            .update();
                    if (rows > 0) {
                        spoiled.add(column);
                    }
                });
            } catch (DataAccessException refused) {
                spoiled.remove(column);
            }
        }
        return spoiled;
    }

    /** Everything but the audit log, in which it is written down who took an export. */
    private static Map<String, String> books(OrganizationId hospital) {
        var books = ForeignIdsIntegrationTests.contents(hospital);
        books.remove("audit_log");
        return books;
    }

    private TestClient boss(OrganizationId hospital) {
        return TestClient.browser(port).signIn(BusyHospital.BOSS + "@" + code(hospital), DemoHospital.PASSWORD);
    }

    private String code(OrganizationId hospital) {
        return TestHospital.of(context, hospital).code();
    }

    private static boolean isPage(HttpResponse<String> answer) {
        return answer.headers().firstValue("Content-Type").orElse("").startsWith("text/html");
    }

    /** The address without what names one thing of many. */
    private static String kind(String path) {
        String place = path.replaceFirst("\\?.*", "");
        String query = path.contains("?") ? path.substring(path.indexOf('?')).replaceAll("=[^&]*", "") : "";
        return place.replaceAll("[0-9a-f-]{36}", "ID").replaceAll("/[^/]*[0-9][^/]*", "/N") + query;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
