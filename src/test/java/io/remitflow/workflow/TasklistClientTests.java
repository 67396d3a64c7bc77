package io.remitflow.workflow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TasklistClientTests {

    @RegisterExtension
    static final WireMockExtension TASKLIST = WireMockExtension.newInstance()
            .options(wireMockConfig().dynamicPort())
            .build();

    @BeforeEach
    void signIn() {
        TASKLIST.stubFor(post(urlPathEqualTo("/api/login"))
                .willReturn(aResponse()
                        .withStatus(204)
                        .withHeader("Set-Cookie", "TASKLIST-SESSION=abc; Path=/; HttpOnly")
                        .withHeader("X-CSRF-TOKEN", "token-1")));
    }

    @Test
    void signsInAgainWhenTheSessionHasEnded() {
        var ended = post(urlPathEqualTo("/v1/tasks/search")).inScenario("session");
        TASKLIST.stubFor(ended.whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(401))
                .willSetStateTo("again"));
        TASKLIST.stubFor(post(urlPathEqualTo("/v1/tasks/search"))
                .inScenario("session")
                .whenScenarioStateIs("again")
                .willReturn(okJson("[]")));

        assertThat(client(TASKLIST.baseUrl()).post("/v1/tasks/search", Map.of()))
                .isEmpty();

        TASKLIST.verify(2, postRequestedFor(urlPathEqualTo("/api/login")));
        TASKLIST.verify(postRequestedFor(urlPathEqualTo("/v1/tasks/search"))
                .withHeader("X-CSRF-TOKEN", equalTo("token-1"))
                .withCookie("TASKLIST-SESSION", equalTo("abc")));
    }

    @Test
    void saysThatTasklistIsAway() {
        assertThatExceptionOfType(EngineUnavailable.class)
                .isThrownBy(() -> client("http://127.0.0.1:1").post("/v1/tasks/search", Map.of()));
        TASKLIST.stubFor(
                post(urlPathEqualTo("/v1/tasks/search")).willReturn(aResponse().withStatus(500)));
        assertThatExceptionOfType(EngineUnavailable.class)
                .isThrownBy(() -> client(TASKLIST.baseUrl()).post("/v1/tasks/search", Map.of()));
    }

    private static TasklistClient client(String url) {
        return new TasklistClient(url, "demo", "demo");
    }
}
