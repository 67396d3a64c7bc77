package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.scheduling.annotation.EnableScheduling;

/** What the application says about itself to clients and to whoever watches it. */
@BooksTest
class ApiDescriptionIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    ObjectMapper json;

    @LocalServerPort
    int port;

    JsonNode description;

    @BeforeEach
    void readDescription() throws Exception {
        var hospital = TestHospital.create(context);
        var answer = TestClient.api(port, hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                .get("/v3/api-docs");
        assertThat(answer.statusCode()).isEqualTo(200);
        description = json.readTree(answer.body());
    }

    @Test
    void saysWhatItIsAndHowToSignIn() {
        assertThat(description.at("/info/title").asText()).isEqualTo("Remitflow");
        assertThat(description.at("/info/version").asText()).isNotBlank();
        assertThat(description.at("/info/description").asText()).contains("Idempotency-Key");
        assertThat(description.at("/components/securitySchemes/basic/scheme").asText())
                .isEqualTo("basic");
        assertThat(description.at("/security/0").has("basic")).isTrue();
        assertThat(description.at("/servers/0/url").asText())
                .as("names no host")
                .isEqualTo("/");
    }

    @Test
    void listsTheResourcesAndNoPages() {
        var paths = new TreeSet<String>();
        description.get("paths").fieldNames().forEachRemaining(paths::add);

        assertThat(paths)
                .contains(
                        "/billing/remittances",
                        "/billing/refunds",
                        "/billing/payments",
                        "/billing/patient-accounts",
                        "/accounting/journal-entries")
                .allMatch(path -> path.startsWith("/billing/") || path.startsWith("/accounting/"));
    }

    @Test
    void tagsEveryOperationWithAModuleThatIsDescribed() {
        var known = new TreeSet<String>();
        description.get("tags").forEach(tag -> known.add(tag.get("name").asText()));

        description
                .get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation -> assertThat(known)
                                .as(operation.getKey() + " " + path.getKey())
                                .contains(operation.getValue().at("/tags/0").asText())));
        assertThat(description
                        .get("paths")
                        .get("/billing/refunds")
                        .at("/get/tags/0")
                        .asText())
                .isEqualTo("refunds");
    }

    @Test
    void isAliveAndReadyWithoutTheEngineAndShowsNothingElse() {
        var stranger = TestClient.browser(port);

        for (String group : new String[] {"liveness", "readiness"}) {
            var answer = stranger.get("/actuator/health/" + group);
            assertThat(answer.statusCode()).as(group).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"status\":\"UP\"}");
        }
        assertThat(stranger.get("/actuator/info").statusCode()).isEqualTo(404);
        assertThat(stranger.get("/actuator/health/db").statusCode()).isEqualTo(404);
    }

    @Test
    void schedulesOnce() {
        assertThat(context.getBeansWithAnnotation(EnableScheduling.class).values())
                .filteredOn(bean -> bean.getClass().getName().startsWith("io.remitflow"))
                .hasSize(1);
    }
}
