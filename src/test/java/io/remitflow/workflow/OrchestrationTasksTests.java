package io.remitflow.workflow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.notMatching;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.camunda.client.CamundaClient;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against answers as the public description of the orchestration cluster's API (8.8) has them. */
class OrchestrationTasksTests {

    private static final OrganizationId MERCY = OrganizationId.of("01890000-0000-7000-8000-000000000001");
    private static final long TASK = 2251799813685300L;

    @RegisterExtension
    static final WireMockExtension ENGINE = WireMockExtension.newInstance()
            .options(wireMockConfig().dynamicPort())
            .build();

    private CamundaClient client = client(ENGINE.baseUrl());
    private HumanTasks tasks = tasks(client);

    private static CamundaClient client(String address) {
        return CamundaClient.newClientBuilder()
                .restAddress(URI.create(address))
                .grpcAddress(URI.create("http://127.0.0.1:1"))
                .preferRestOverGrpc(false)
                .build();
    }

    private static HumanTasks tasks(CamundaClient client) {
        return new OrchestrationTasks(client, new TaskCommands(client), new Json(new ObjectMapper()));
    }

    @BeforeEach
    void stubs() {
        ENGINE.stubFor(post(urlPathEqualTo("/v2/user-tasks/search"))
                .willReturn(okJson("""
                {"items": [%s], "page": {"totalItems": 1, "hasMoreTotalItems": false, "startCursor": "a", "endCursor": "b"}}
                """.formatted(task("CREATED", "null", TASK)))));
        ENGINE.stubFor(get(urlPathEqualTo("/v2/user-tasks/" + TASK)).willReturn(okJson(task("CREATED", "null", TASK))));
        variables(TASK, MERCY);
        ENGINE.stubFor(post(urlPathEqualTo("/v2/user-tasks/" + TASK + "/assignment"))
                .willReturn(aResponse().withStatus(204)));
        ENGINE.stubFor(post(urlPathEqualTo("/v2/user-tasks/" + TASK + "/completion"))
                .willReturn(aResponse().withStatus(204)));
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void listsTheTasksOfARoleWithTheirVariablesTheMostUrgentFirst() {
        var open = CurrentOrganization.call(
                MERCY,
                () -> tasks.open(TaskQuery.unclaimed(Set.of("billing-manager")).from(100)));

        assertThat(open).singleElement().satisfies(task -> {
            assertThat(task.key()).isEqualTo(TASK);
            assertThat(task.processId()).isEqualTo("refund");
            assertThat(task.elementId()).isEqualTo("approve-refund");
            assertThat(task.candidateGroups()).containsExactly("billing-manager");
            assertThat(task.createdAt()).isEqualTo(Instant.parse("2026-11-20T10:00:00Z"));
            assertThat(task.variables()).containsEntry("refundId", "r-1");
        });
        ENGINE.verify(postRequestedFor(urlEqualTo("/v2/user-tasks/search"))
                .withRequestBody(matchingJsonPath("$.filter.assignee['$exists']", equalTo("false")))
                .withRequestBody(matchingJsonPath("$.filter.candidateGroup['$in'][0]", equalTo("billing-manager")))
                .withRequestBody(matchingJsonPath("$.filter.processInstanceVariables[0].name", equalTo("orgId")))
                .withRequestBody(matchingJsonPath("$.filter.state", containing("CREATED")))
                .withRequestBody(matchingJsonPath("$.sort[0].field", equalTo("priority")))
                .withRequestBody(matchingJsonPath("$.sort[0].order", equalTo("DESC")))
                .withRequestBody(matchingJsonPath("$.sort[1].field", equalTo("creationDate")))
                .withRequestBody(matchingJsonPath("$.sort[1].order", equalTo("ASC")))
                .withRequestBody(matchingJsonPath("$.page.from", equalTo("100")))
                .withRequestBody(matchingJsonPath("$.page.limit", equalTo("100"))));
    }

    @Test
    void asksForAllThatAPersonHoldsByItself() {
        CurrentOrganization.run(MERCY, () -> tasks.open(TaskQuery.heldBy("manager")));

        ENGINE.verify(postRequestedFor(urlEqualTo("/v2/user-tasks/search"))
                .withRequestBody(matchingJsonPath("$.filter.assignee", containing("manager")))
                .withRequestBody(notMatching(".*candidateGroup.*"))
                .withRequestBody(matchingJsonPath("$.page.limit", equalTo("1000"))));
    }

    @Test
    void treatsATaskOfAnotherOrganizationAsAbsent() {
        CurrentOrganization.run(OrganizationId.next(), () -> {
            assertThat(tasks.open(TaskQuery.all())).isEmpty();
            assertThat(tasks.find(TASK)).isEmpty();
            assertThatExceptionOfType(RuleViolation.class)
                    .isThrownBy(() -> tasks.complete(TASK, "thief", Map.of()))
                    .matches(refusal -> refusal.refusal() == Refusal.NOT_FOUND);
        });
    }

    @Test
    void claimsWithoutTakingItFromSomebodyElse() {
        CurrentOrganization.run(MERCY, () -> tasks.claim(TASK, "manager"));

        ENGINE.verify(postRequestedFor(urlEqualTo("/v2/user-tasks/" + TASK + "/assignment"))
                .withRequestBody(equalToJson("""
                        {"assignee": "manager", "allowOverride": false, "action": "claim"}
                        """)));
    }

    @Test
    void refusesAClaimThatCameTooLate() {
        ENGINE.stubFor(post(urlPathEqualTo("/v2/user-tasks/" + TASK + "/assignment"))
                .willReturn(problem(409, "INVALID_STATE")));

        CurrentOrganization.run(
                MERCY,
                () -> assertThatExceptionOfType(RuleViolation.class)
                        .isThrownBy(() -> tasks.claim(TASK, "manager"))
                        .matches(refusal -> refusal.refusal() == Refusal.CHANGED_MEANWHILE));
    }

    @Test
    void saysWhenATaskIsDoneAlready() {
        ENGINE.stubFor(
                post(urlPathEqualTo("/v2/user-tasks/" + TASK + "/completion")).willReturn(problem(404, "NOT_FOUND")));

        CurrentOrganization.run(
                MERCY,
                () -> assertThatExceptionOfType(RuleViolation.class)
                        .isThrownBy(() -> tasks.complete(TASK, "manager", Map.of("decision", "approve")))
                        .matches(refusal -> refusal.refusal() == Refusal.TASK_ALREADY_DECIDED));
    }

    @Test
    void saysThatTheEngineIsAway() {
        try (var nobody = client("http://127.0.0.1:1")) {
            CurrentOrganization.run(
                    MERCY,
                    () -> assertThatExceptionOfType(EngineUnavailable.class)
                            .isThrownBy(() -> tasks(nobody).open(TaskQuery.all())));
        }
        ENGINE.stubFor(post(urlPathEqualTo("/v2/user-tasks/search")).willReturn(problem(503, "RESOURCE_EXHAUSTED")));
        CurrentOrganization.run(
                MERCY,
                () -> assertThatExceptionOfType(EngineUnavailable.class).isThrownBy(() -> tasks.open(TaskQuery.all())));
    }

    @Test
    void findsWhoCompletedATask() {
        ENGINE.stubFor(post(urlPathEqualTo("/v2/user-tasks/search"))
                .withRequestBody(matchingJsonPath("$.filter.state", containing("COMPLETED")))
                .willReturn(okJson("""
                        {"items": [%s], "page": {"totalItems": 1, "hasMoreTotalItems": false}}
                        """.formatted(task("COMPLETED", "\"manager\"", TASK)))));

        var completed = CurrentOrganization.call(MERCY, () -> tasks.completed(2251799813685200L, "approve-refund"));

        assertThat(completed).singleElement().satisfies(task -> {
            assertThat(task.assignee()).isEqualTo("manager");
            assertThat(task.completedAt()).isEqualTo(Instant.parse("2026-11-20T11:00:00Z"));
        });
    }

    private static void variables(long task, OrganizationId organization) {
        ENGINE.stubFor(post(urlPathEqualTo("/v2/user-tasks/" + task + "/variables/search"))
                .willReturn(okJson("""
                        {"items": [
                           {"variableKey": "1", "name": "orgId", "value": "\\"%s\\"", "scopeKey": "2251799813685200",
                            "processInstanceKey": "2251799813685200", "tenantId": "<default>", "isTruncated": false},
                           {"variableKey": "2", "name": "refundId", "value": "\\"r-1\\"", "scopeKey": "2251799813685200",
                            "processInstanceKey": "2251799813685200", "tenantId": "<default>", "isTruncated": false}],
                         "page": {"totalItems": 2, "hasMoreTotalItems": false}}
                        """.formatted(organization))));
    }

    private static String task(String state, String assignee, long key) {
        return """
                {"userTaskKey": "%d", "name": "Approve refund", "state": "%s", "assignee": %s,
                 "elementId": "approve-refund", "elementInstanceKey": "2251799813685250",
                 "candidateGroups": ["billing-manager"], "candidateUsers": [], "processDefinitionId": "refund",
                 "processName": "Refund", "processDefinitionKey": "2251799813685100", "processDefinitionVersion": 1,
                 "processInstanceKey": "2251799813685200", "formKey": "2251799813685101",
                 "creationDate": "2026-11-20T10:00:00.000Z", "completionDate": "2026-11-20T11:00:00.000Z",
                 "dueDate": "2026-11-25T10:00:00.000Z", "tenantId": "<default>", "customHeaders": {}, "priority": 50}
                """.formatted(key, state, assignee);
    }

    private static ResponseDefinitionBuilder problem(int status, String title) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/problem+json")
                .withBody("""
                        {"type": "about:blank", "title": "%s", "status": %d, "detail": "refused", "instance": "/v2"}
                        """.formatted(title, status));
    }
}
