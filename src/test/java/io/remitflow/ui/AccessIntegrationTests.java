package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Cases E2, E9 and F1 to F10 over real HTTP, for every route there is. */
@BooksTest
class AccessIntegrationTests {

    private static final Pattern INLINE = Pattern.compile(
            "<script(?![^>]*\\ssrc=)|<style|\\sstyle=\"|\\son(click|load|change|submit|error)=|javascript:",
            Pattern.CASE_INSENSITIVE);
    private static final String ABSENT = "0190a000-0000-7000-8000-000000000000";

    @Autowired
    ApplicationContext context;

    @Autowired
    Users users;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    @LocalServerPort
    int port;

    TestHospital hospital;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
    }

    @Test
    void e2_noParameterOrHeaderNamesAnotherOrganization() {
        var other = TestHospital.create(context);
        other.run(() -> users.create("canary-person", "Canary Person", null, Set.of()));
        var admin = TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);

        var answer =
                admin.send(admin.request("/app/users?organization=%1$s&orgId=%1$s&org_id=%1$s".formatted(other.id()))
                        .header("X-Org-Id", other.id().toString())
                        .header("X-Organization", other.code())
                        .GET());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("org-admin").doesNotContain("canary-person");
    }

    @Test
    void e9_aClerkReachesNothingOfTheAdministrator() {
        var clerk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        clerk.get("/app/inbox");

        for (String path : List.of("/app/users", "/app/settings", "/app/audit", "/app/operations")) {
            assertThat(clerk.get(path).statusCode()).as(path).isEqualTo(403);
        }
        var answer = clerk.post(
                "/app/users",
                Map.of("username", "mine", "displayName", "Mine", "password", "long enough password", "role", "cfo"));
        assertThat(answer.statusCode()).isIn(302, 403);
        assertThat(hospital.call(users::all))
                .noneMatch(person -> person.username().equals("mine"));
        var api = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(api.get("/billing/settings").statusCode()).isEqualTo(403);
        assertThat(api.get("/billing/settings").body()).contains("\"code\":\"not-permitted\"");
    }

    @Test
    void e9_everyHandlerNamesThePermissionItNeeds() {
        List<String> open = routes().stream()
                .filter(route -> !route.handler().hasMethodAnnotation(PreAuthorize.class)
                        && !AnnotatedElementUtils.hasAnnotation(route.handler().getBeanType(), PreAuthorize.class))
                .map(Route::path)
                .filter(path -> !path.contains("/webhooks/") && !path.equals("/billing/reconciliation/runs/daily"))
                .sorted()
                .toList();
        assertThat(open).containsExactly("/", "/sign-in");
    }

    @Test
    void f1_wrongPasswordsAreSlowedDownWithoutLockingAnybodyOut() {
        String name = hospital.signInName(Role.BILLING_CLERK);
        var attacker = TestClient.browser(port);

        var answers = new TreeSet<String>();
        for (int attempt = 0; attempt < 7; attempt++) {
            answers.add(location(attacker.trySignIn(name, "wrong " + attempt)));
        }
        assertThat(answers).containsExactly("/sign-in?failed", "/sign-in?wait");
        var forged = attacker.send(attacker.request("/billing/settings")
                .header("X-Forwarded-For", "203.0.113.9")
                .header("Authorization", "Basic " + basic(name, "wrong again"))
                .GET());
        assertThat(forged.statusCode()).as("a forged source changes nothing").isEqualTo(429);
        assertThat(location(attacker.trySignIn("nobody@" + hospital.code(), "wrong")))
                .as("someone unknown gets the same answer as someone known")
                .isEqualTo("/sign-in?failed");
        assertThat(TestClient.browser(port)
                        .signIn(hospital.signInName(Role.CFO), TestHospital.PASSWORD)
                        .get("/app/inbox")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void f2_withoutASessionNothingIsExecuted() {
        var stranger = TestClient.browser(port);

        assertThat(location(stranger.get("/app/users"))).isEqualTo("/sign-in");
        var htmx = stranger.send(
                stranger.request("/app/users").header("HX-Request", "true").GET());
        assertThat(htmx.statusCode()).isEqualTo(401);
        stranger.get("/sign-in");
        assertThat(location(stranger.post("/app/users", Map.of("username", "x"))))
                .isEqualTo("/sign-in");
        assertThat(stranger.json("PUT", "/billing/settings", "{}").statusCode()).isEqualTo(401);
    }

    @Test
    void f3_aNewSessionAtSignInAndNoneAfterSignOut() {
        var browser = TestClient.browser(port);
        browser.get("/sign-in");
        String before = browser.sessionCookie();
        browser.signIn(hospital.signInName(Role.CFO), TestHospital.PASSWORD);
        String after = browser.sessionCookie();
        assertThat(after).isNotEqualTo(before);

        browser.get("/app/inbox");
        browser.post("/sign-out", Map.of());

        var replay = TestClient.browser(port);
        var answer = replay.send(replay.request("/app/inbox")
                .header("Cookie", "JSESSIONID=" + after)
                .GET());
        assertThat(location(answer)).isEqualTo("/sign-in");
    }

    @Test
    void f3_deactivationAndRolesTakeEffectWithTheNextRequest() {
        var admin = TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
        assertThat(admin.get("/app/audit").statusCode()).isEqualTo(200);

        hospital.run(() -> users.setRoles(hospital.user(Role.ORG_ADMIN), Set.of(Role.ANALYST)));
        assertThat(admin.get("/app/audit").statusCode()).isEqualTo(403);

        hospital.run(() -> users.deactivate(hospital.user(Role.ORG_ADMIN)));
        assertThat(location(admin.get("/app/inbox"))).isEqualTo("/sign-in");
    }

    @Test
    void f4_noPageThatChangesSomethingWorksWithoutTheTokenOfItsPage() {
        var admin = boss();
        var routes = routes().stream()
                .filter(route -> !route.method().equals("GET") && route.path().startsWith("/app"))
                .toList();
        assertThat(routes).hasSizeGreaterThan(100);
        for (var route : routes) {
            String path = route.concrete(ABSENT);
            for (String fields : List.of("username=forged", "username=forged&_csrf=wrong")) {
                var answer = admin.send(admin.request(path)
                        .header("Origin", "https://evil.example")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .method(route.method(), BodyPublishers.ofString(fields)));
                assertThat(answer.statusCode()).as("%s with %s", route, fields).isEqualTo(403);
            }
            var json = admin.send(admin.request(path)
                    .header("Content-Type", "text/plain")
                    .method(route.method(), BodyPublishers.ofString("{}")));
            assertThat(json.statusCode()).as("%s with text/plain", route).isEqualTo(403);
        }
        var cookieOnly = admin.send(admin.request("/billing/settings")
                .header("Content-Type", "text/plain")
                .PUT(BodyPublishers.ofString("{}")));
        assertThat(cookieOnly.statusCode()).as("REST accepts no cookie").isEqualTo(401);
        assertThat(hospital.call(users::all))
                .noneMatch(person -> person.username().equals("forged"));
    }

    @Test
    void f5_nothingButWebhooksIsOpen() {
        var stranger = TestClient.browser(port);
        for (var route : routes()) {
            if (route.path().equals("/sign-in") || route.path().contains("/webhooks/")) {
                continue;
            }
            var answer = stranger.send(stranger.request(route.concrete(ABSENT))
                    .header("Content-Type", "application/json")
                    .method(route.method(), BodyPublishers.ofString("{}")));
            assertThat(answer.statusCode()).as(route.toString()).isIn(302, 401, 403, 404);
            assertThat(answer.headers().firstValue("Location").orElse("/sign-in"))
                    .as(route.toString())
                    .isEqualTo("/sign-in");
        }
    }

    @Test
    void f6_whatPeopleTypeIsShownAsText() {
        hospital.run(() ->
                users.create("mallory", "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>", null, Set.of()));
        var admin = TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);

        assertThat(admin.get("/app/users").body())
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert(1)")
                .doesNotContain("<img src=x");
    }

    @Test
    void f6_noPageNeedsInlineScriptOrStyle() {
        var boss = boss();
        for (var route : routes()) {
            if (route.method().equals("GET")
                    && route.path().startsWith("/app")
                    && !route.path().contains("{")) {
                var answer = boss.get(route.path());
                assertThat(answer.statusCode()).as(route.path()).isIn(200, 302);
                assertThat(INLINE.matcher(answer.body()).results().map(found -> found.group()))
                        .as(route.path())
                        .isEmpty();
            }
        }
    }

    @Test
    void f7_everyAnswerCarriesTheSecurityHeaders() {
        var boss = boss();
        var stranger = TestClient.browser(port);
        for (HttpResponse<String> answer : List.of(
                boss.get("/app"),
                boss.get("/app/audit"),
                boss.get("/app/nothing-here"),
                boss.get("/css/remitflow.css"),
                boss.get("/billing/settings"),
                stranger.get("/sign-in"),
                stranger.get("/nothing-here"),
                stranger.get("/actuator/env"),
                stranger.json("POST", "/billing/payments/webhooks/nothing", "{}"))) {
            var headers = answer.headers();
            String path = answer.uri().getPath();
            assertThat(headers.firstValue("Content-Security-Policy").orElse(""))
                    .as(path)
                    .contains("frame-ancestors 'none'", "script-src 'self';", "style-src 'self';")
                    .doesNotContain("unsafe-eval");
            assertThat(headers.firstValue("Strict-Transport-Security")).as(path).isPresent();
            assertThat(headers.firstValue("X-Content-Type-Options")).as(path).hasValue("nosniff");
            assertThat(headers.firstValue("Referrer-Policy")).as(path).isPresent();
            assertThat(headers.firstValue("Cache-Control").orElse("")).as(path).contains("no-store");
        }
    }

    @Test
    void f9_nothingOfTheMachineIsShown() {
        var stranger = TestClient.browser(port);
        for (String path : List.of(
                "/actuator",
                "/actuator/env",
                "/actuator/heapdump",
                "/actuator/beans",
                "/swagger-ui/index.html",
                "/swagger-ui.html",
                "/h2-console",
                "/.git/config",
                "/.env",
                "/css",
                "/webjars/",
                "/error",
                "/WEB-INF/web.xml")) {
            assertThat(stranger.get(path).statusCode()).as(path).isIn(403, 404);
        }
        assertThat(stranger.get("/actuator/health").body()).doesNotContain("components");
        assertThat(stranger.send(stranger.request("/app").method("TRACE", BodyPublishers.noBody()))
                        .statusCode())
                .isIn(400, 403, 405);
        assertThat(stranger.get("/v3/api-docs").statusCode()).isEqualTo(401);
    }

    @Test
    void f10_redirectsNameNoHost() {
        var boss = boss();
        assertThat(location(boss.get("/"))).isEqualTo("/app");
        var answer = boss.send(boss.request("/app/users/" + ABSENT + "/roles")
                .header("Referer", "https://evil.example/app/../steal")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("role=nothing")));
        assertThat(answer.headers().firstValue("Location").orElse("")).doesNotContain("evil");
    }

    @Test
    void mistakesOfAClientBecomeProblemDetails() {
        var api = TestClient.api(port, hospital.signInName(Role.CFO), TestHospital.PASSWORD);

        assertProblem(api.json("PUT", "/billing/settings", "{not json"), 400);
        assertProblem(api.json("PUT", "/billing/settings", "{}"), 400);
        assertProblem(api.json("DELETE", "/billing/settings", ""), 405);
        assertProblem(api.get("/billing/nothing"), 404);
        assertProblem(
                api.send(api.request("/billing/settings")
                        .header("Content-Type", "text/csv")
                        .PUT(BodyPublishers.ofString("a,b"))),
                415);
    }

    private static void assertProblem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(answer.body())
                .contains("\"code\":")
                .contains("\"instance\":")
                .doesNotContain("Exception");
    }

    private TestClient boss() {
        hospital.run(() -> users.create("boss", "Boss", TestHospital.PASSWORD, EnumSet.allOf(Role.class)));
        return TestClient.browser(port).signIn("boss@" + hospital.code(), TestHospital.PASSWORD);
    }

    private static String location(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isIn(302, 303);
        return answer.headers().firstValue("Location").orElse("").replaceFirst(";.*", "");
    }

    private static String basic(String name, String password) {
        return java.util.Base64.getEncoder()
                .encodeToString((name + ":" + password).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private List<Route> routes() {
        return requestMappingHandlerMapping.getHandlerMethods().entrySet().stream()
                .filter(entry -> entry.getValue().getBeanType().getName().startsWith("io.remitflow."))
                .flatMap(entry -> entry.getKey().getPatternValues().stream()
                        .flatMap(path -> entry.getKey().getMethodsCondition().getMethods().stream()
                                .map(method -> new Route(method.name(), path, entry.getValue()))))
                .filter(route -> !route.method().equals(RequestMethod.HEAD.name()))
                .toList();
    }

    private record Route(String method, String path, HandlerMethod handler) {

        String concrete(String id) {
            return path.replaceAll("\\{[^}]+}", id);
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }
}
