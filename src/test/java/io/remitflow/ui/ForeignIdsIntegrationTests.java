package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
        var theirs = TestHospital.create(context);
        theirs.user(Role.BILLING_CLERK);
        var ours = TestHospital.create(context);
        ours.run(() -> users.create("boss", "Boss", TestHospital.PASSWORD, EnumSet.allOf(Role.class)));
        var page = TestClient.browser(port).signIn("boss@" + ours.code(), TestHospital.PASSWORD);
        page.get("/app/inbox");
        var api = TestClient.api(port, "boss@" + ours.code(), TestHospital.PASSWORD);
        var ids = idsOf(theirs);
        assertThat(ids).containsKey("users");
        var before = contents(theirs);

        for (var route : routes()) {
            var client = route.path().startsWith("/app") ? page : api;
            var absent = ask(client, route, ABSENT);
            assertThat(absent.statusCode()).as(route + " for an absent id").isNotIn(500);
            for (var foreign : ids.entrySet()) {
                var answer = ask(client, route, foreign.getValue());
                assertThat(answer.statusCode())
                        .as("%s for an id of %s", route, foreign.getKey())
                        .isEqualTo(absent.statusCode());
                assertThat(comparable(answer.body(), foreign.getValue()))
                        .as("%s for an id of %s", route, foreign.getKey())
                        .isEqualTo(comparable(absent.body(), ABSENT));
            }
        }
        assertThat(contents(theirs)).as("the rows of the other organization").isEqualTo(before);
    }

    private static HttpResponse<String> ask(TestClient client, Route route, String id) {
        String path = route.path().replaceAll("\\{[^}]+}", id);
        if (route.method().equals("GET")) {
            return client.get(path);
        }
        if (route.path().startsWith("/app")) {
            return client.post(path, Map.of());
        }
        return client.send(client.request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", id)
                .method(route.method(), BodyPublishers.ofString("{\"reason\":\"test\"}")));
    }

    /** Without the id asked for and the tokens that differ with every page. */
    private static String comparable(String body, String id) {
        return body.replace(id, "ID")
                .replaceAll("(_csrf\" value=|csrf-token\" content=)\"[^\"]*\"", "")
                .replaceAll("\"reference\":\"[^\"]*\"", "")
                .replaceAll("\"timestamp\":\"[^\"]*\"", "");
    }

    private static Map<String, String> idsOf(TestHospital hospital) {
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        var ids = new TreeMap<String, String>();
        for (String table : superuser.sql("""
                        select table_name from information_schema.columns
                         where table_schema = 'public' and column_name = 'id' and data_type = 'uuid'
                        """).query(String.class).list()) {
            superuser
                    .sql("select id::text from %s where org_id = :org limit 1".formatted(table))
                    .param("org", hospital.id().value())
                    .query(String.class)
                    .optional()
                    .ifPresent(id -> ids.put(table, id));
        }
        return ids;
    }

    private static Map<String, String> contents(TestHospital hospital) {
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        var contents = new TreeMap<String, String>();
        for (String table : superuser.sql("""
                        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
                         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
                           and c.relname not in ('audit_chain', 'audit_heads')
                        """).query(String.class).list()) {
            contents.put(
                    table,
                    superuser
                            .sql(
                                    "select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') "
                                            + "from %s t where org_id = :org".formatted(table))
                            .param("org", hospital.id().value())
                            .query(String.class)
                            .single());
        }
        return contents;
    }

    private List<Route> routes() {
        return requestMappingHandlerMapping.getHandlerMethods().entrySet().stream()
                .filter(entry -> entry.getValue().getBeanType().getName().startsWith("io.remitflow."))
                .flatMap(entry -> entry.getKey().getPatternValues().stream()
                        .filter(path -> path.contains("{") && !path.startsWith("/billing/payments/webhooks/"))
                        .flatMap(path -> entry.getKey().getMethodsCondition().getMethods().stream()
                                .map(method -> new Route(method.name(), path))))
                .toList();
    }

    private record Route(String method, String path) {

        @Override
        public String toString() {
            return method + " " + path;
        }
    }
}
