package io.remitflow.receivables;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.DemoHospital;
import io.remitflow.local.TestHospital;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;

@BooksTest
class PatientAccountWebIntegrationTests {

    static final String ACCOUNTS = "/billing/patient-accounts";

    @Autowired
    ApplicationContext context;

    @Autowired
    TestRestTemplate http;

    @Autowired
    PatientAccounts accounts;

    @LocalServerPort
    int port;

    @Test
    void opensReadsChangesAndAges() throws IOException {
        var hospital = TestHospital.create(context);
        var opened = call(hospital, HttpMethod.POST, ACCOUNTS, Role.BILLING_CLERK, Map.of("patientId", "p-1"));
        assertThat(opened.getStatusCode().value()).isEqualTo(201);
        String path = ACCOUNTS + "/" + json(opened).path("id").asText();

        var change = Map.of("version", 0, "status", "suspended", "creditLimit", "250.00");
        var changed = json(call(hospital, HttpMethod.PUT, path, Role.BILLING_CLERK, change));
        assertThat(changed.path("status").asText()).isEqualTo("suspended");
        assertThat(changed.path("creditLimit").asText()).isEqualTo("250.00");
        assertThat(json(call(hospital, HttpMethod.PUT, path, Role.BILLING_CLERK, change))
                        .path("code")
                        .asText())
                .isEqualTo("changed-meanwhile");

        assertThat(json(call(hospital, HttpMethod.GET, path + "/transactions", Role.BILLING_CLERK, null))
                        .path("items"))
                .isEmpty();
        assertThat(json(call(hospital, HttpMethod.GET, path + "/aging", Role.BILLING_CLERK, null))
                        .path("total")
                        .path("balance")
                        .asText())
                .isEqualTo("0.00");
        assertThat(json(call(hospital, HttpMethod.GET, ACCOUNTS + "?status=suspended", Role.BILLING_CLERK, null))
                        .path("items"))
                .hasSize(1);
    }

    @Test
    void e4_hidesAccountsOfAnotherOrganizationAndFromOtherRoles() {
        var hospital = TestHospital.create(context);
        var id = hospital.call(() -> accounts.open(NewPatientAccount.of("p-1")));
        var other = TestHospital.create(context);

        for (String path : new String[] {"", "/transactions", "/aging"}) {
            assertThat(call(other, HttpMethod.GET, ACCOUNTS + "/" + id + path, Role.BILLING_CLERK, null)
                            .getStatusCode()
                            .value())
                    .isEqualTo(404);
        }
        assertThat(call(hospital, HttpMethod.GET, ACCOUNTS + "/" + id, Role.ORG_ADMIN, null)
                        .getStatusCode()
                        .value())
                .isEqualTo(403);
    }

    @Test
    void showsTheListAndAnAccountWithItsClaims() throws Exception {
        var code = "demo-pages-%d".formatted(ProcessHandle.current().pid());
        var organization = DemoHospital.load(context, code);
        var account = CurrentOrganization.call(
                organization, () -> accounts.byNumber("MRC-1009").orElseThrow());
        var browser = new Browser("clerk@" + code);

        assertThat(browser.get("/app/patient-accounts?q=MRC-101&balance=owed"))
                .contains("MRC-1010", "Silva, Marco", "MRC-1016")
                .doesNotContain("MRC-1009");
        assertThat(browser.get("/app/patient-accounts/" + account.id()))
                .contains("Hassan, Leila", "MG-1009-1", "Keystone Mutual Health", "-250.00", "45378");
    }

    private ResponseEntity<String> call(
            TestHospital hospital, HttpMethod method, String path, Role role, @Nullable Object body) {
        return http.withBasicAuth(hospital.signInName(role), TestHospital.PASSWORD)
                .exchange(path, method, new HttpEntity<>(body), String.class);
    }

    private static JsonNode json(ResponseEntity<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.getBody());
    }

    /** Signed in with the password of the demo hospital. */
    private final class Browser {

        private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

        private final HttpClient client = HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();

        Browser(String name) throws Exception {
            var token = CSRF.matcher(get("/sign-in"));
            assertThat(token.find()).isTrue();
            var form = "username=%s&password=%s&_csrf=%s"
                    .formatted(encoded(name), DemoHospital.PASSWORD, encoded(token.group(1)));
            var answer = client.send(
                    HttpRequest.newBuilder(uri("/sign-in"))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(HttpRequest.BodyPublishers.ofString(form))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.uri().getPath()).startsWith("/app");
        }

        String get(String path) throws Exception {
            return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }

        private URI uri(String path) {
            return URI.create("http://127.0.0.1:" + port + path);
        }

        private static String encoded(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }
}
