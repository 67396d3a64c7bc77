package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.camunda.zeebe.model.bpmn.Bpmn;
import io.camunda.zeebe.model.bpmn.instance.FlowNode;
import io.camunda.zeebe.model.bpmn.instance.Message;
import io.camunda.zeebe.model.bpmn.instance.Process;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Looking at a remittance before it is posted, over HTTP. */
@BooksTest
class RemittanceReviewWebIntegrationTests {

    private static final String BODY = """
            CLP*C1*1*100*60*20*12*ICN1
            NM1*QC*1*DOE*JANE
            SVC*HC:99213*100*60**1
            CAS*CO*45*20
            CAS*PR*2*20
            """;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00");
    }

    @Test
    void showsWhatARemittanceWouldDoAndPostsNothing() {
        String id = lookFirst("WEB1");

        var answer = api(Role.ANALYST).get("/billing/remittances/" + id + "/preview");
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode preview = json(answer);
        assertThat(preview.path("outcome").asText()).isEqualTo("posted");
        assertThat(preview.path("ledger").findValuesAsText("code")).containsExactly("1050", "1100", "1110", "4900");
        assertThat(preview.path("ledger")
                        .path(0)
                        .path("change")
                        .path("amountMinor")
                        .asLong())
                .isEqualTo(6_000);
        assertThat(preview.path("entries").path(0).path("total").path("display").asText())
                .isEqualTo("100.00");

        String page = browser(Role.BILLING_MANAGER)
                .get("/app/remittances/" + id + "/preview")
                .body();
        assertThat(page)
                .contains("Ledger, before and after", "Remittance Clearing", "data-diagram")
                .doesNotContain("DOE");
        assertThat(browser(Role.BILLING_MANAGER)
                        .get("/app/remittances?state=review")
                        .body())
                .contains(id);
        assertThat(books.balanceMinor("1050")).isZero();
    }

    @Test
    void onlyWhoMayApproveDecidesAndOnlyAtAnOpenTask() {
        String path = "/billing/remittances/" + lookFirst("WEB2") + "/approval";

        assertThat(api(Role.BILLING_CLERK)
                        .json("POST", path, "{\"decision\":\"approve\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(json(api(Role.CFO).json("POST", path, "{\"decision\":\"approve\"}"))
                        .path("code")
                        .asText())
                .isEqualTo("task-already-decided");
        assertThat(api(Role.CFO).json("POST", path, "{\"decision\":\"maybe\"}").statusCode())
                .isEqualTo(400);
        assertThat(json(api(Role.CFO).get(path)).path("state").asText()).isEqualTo("review");
        assertThat(books.balanceMinor("1050")).isZero();
    }

    @Test
    void thePolicyIsASettingOfTheOrganization() {
        String path = "/billing/settings/remittance-review";
        assertThat(api(Role.BILLING_MANAGER).get(path).statusCode()).isEqualTo(403);
        var changed = api(Role.ORG_ADMIN)
                .json(
                        "PUT",
                        path,
                        "{\"above\":\"50.00\",\"takebacks\":true,\"payers\":[\"%s\"]}".formatted(books.payer));
        assertThat(json(changed).path("above").asText()).isEqualTo("50.00");

        var received = raw("", EraText.of("WEB3", "60", BODY));
        assertThat(json(received).path("remittances").path(0).path("state").asText())
                .isEqualTo("review");
        var admin = browser(Role.ORG_ADMIN);
        assertThat(admin.get("/app/remittances/review-policy").body()).contains("50.00", "Greenleaf Health Plan");
        admin.post("/app/remittances/review-policy", Map.of("above", ""));
        assertThat(books.hospital.call(() -> books.bean(ReviewPolicies.class).current()))
                .isEqualTo(ReviewPolicy.OFF);
        assertThat(api(Role.ORG_ADMIN)
                        .json(
                                "PUT",
                                path,
                                "{\"takebacks\":false,\"payers\":[\"00000000-0000-0000-0000-000000000001\"]}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void theStepsAndMessagesAreThoseOfTheModel() {
        var model =
                Bpmn.readModelFromFile(Path.of("bpmn", "remittance-review.bpmn").toFile());

        assertThat(model.getModelElementsByType(Process.class))
                .extracting(Process::getId)
                .containsExactly(RemittanceReviewSteps.PROCESS);
        assertThat(model.getModelElementsByType(FlowNode.class))
                .extracting(FlowNode::getId)
                .contains(
                        RemittanceReviewSteps.DECIDE,
                        RemittanceReviewSteps.APPROVE,
                        RemittanceReviewSteps.DECIDE_CONFLICT,
                        RemittanceReviewSteps.POST,
                        RemittanceReviewSteps.POSTED,
                        RemittanceReviewSteps.HELD,
                        RemittanceReviewSteps.REJECTED);
        assertThat(model.getModelElementsByType(Message.class))
                .extracting(Message::getName)
                .containsExactly(RemittanceReviewSteps.REQUESTED);
    }

    @Test
    void theStepsAndMessagesOfTheOptOutAreThoseOfItsModel() {
        var model = Bpmn.readModelFromFile(Path.of("bpmn", "card-opt-out.bpmn").toFile());

        assertThat(model.getModelElementsByType(Process.class))
                .extracting(Process::getId)
                .containsExactly(CardOptOutSteps.PROCESS);
        assertThat(model.getModelElementsByType(FlowNode.class))
                .extracting(FlowNode::getId)
                .contains(CardOptOutSteps.ASK, CardOptOutSteps.AWAIT_PAYER, CardOptOutSteps.OVER);
        assertThat(model.getModelElementsByType(Message.class))
                .extracting(Message::getName)
                .containsExactly(CardOptOutSteps.OPENED);
    }

    @Test
    void c_bothContentsOfAPaymentAreShownBesideEachOther() {
        books.claim("C2", "100.00");
        raw("", EraText.of("WEB4", "60", BODY));
        var second =
                json(raw("", EraText.of("WEB4", "60", BODY.replace("C1", "C2").replace("ICN1", "ICN2"))));
        assertThat(second.path("remittances").path(0).path("state").asText()).isEqualTo("review");
        String id = second.path("remittances").path(0).path("id").asText();

        assertThat(browser(Role.BILLING_MANAGER)
                        .get("/app/remittances/" + id + "/preview")
                        .body())
                .contains(
                        "Same payment, other content",
                        "Claim C1",
                        "only in the posted one",
                        "Claim C2",
                        "only in the new one",
                        "posting it would do this",
                        "Ledger, before and after");
        assertThat(json(api(Role.ANALYST).get("/billing/remittances/" + id + "/approval"))
                        .path("conflictWith")
                        .isTextual())
                .isTrue();
        String path = "/billing/remittances/" + id + "/conflict-decision";
        String body = "{\"choice\":\"resend\",\"reason\":\"Sent again\"}";
        assertThat(api(Role.BILLING_CLERK).json("POST", path, body).statusCode())
                .isEqualTo(403);
        assertThat(json(api(Role.CFO).json("POST", path, body)).path("code").asText())
                .isEqualTo("task-already-decided");
    }

    @Test
    void takenBackAndPostedAgainOverTheApi() {
        String id = json(raw("", EraText.of("WEB5", "60", BODY)))
                .path("remittances")
                .path(0)
                .path("id")
                .asText();
        String path = "/billing/remittances/" + id;
        String body = "{\"reason\":\"Posted by mistake\"}";
        assertThat(browser(Role.BILLING_MANAGER).get("/app/remittances/" + id).body())
                .contains("Take back everything");
        assertThat(api(Role.BILLING_CLERK)
                        .json("POST", path + "/reversal", body)
                        .statusCode())
                .isEqualTo(403);

        assertThat(json(api(Role.CFO).json("POST", path + "/reversal", body))
                        .path("journalEntryId")
                        .isTextual())
                .isTrue();
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(json(api(Role.CFO).json("POST", path + "/reversal", body))
                        .path("code")
                        .asText())
                .isEqualTo("remittance-not-reversible");
        assertThat(browser(Role.BILLING_MANAGER).get("/app/remittances/" + id).body())
                .contains("Posted by mistake", "Read the file again");
        String again = json(api(Role.CFO).json("POST", path + "/reposting", body))
                .path("postedAgainAs")
                .asText();
        assertThat(json(api(Role.ANALYST).get("/billing/remittances/" + again))
                        .path("remittance")
                        .path("state")
                        .asText())
                .isEqualTo("posted");
        assertThat(books.balanceMinor("1050")).isEqualTo(6_000);
    }

    private String lookFirst(String trace) {
        var created = raw("?lookFirst=true", EraText.of(trace, "60", BODY));
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(json(created).path("remittances").path(0).path("state").asText())
                .isEqualTo("review");
        return json(created).path("remittances").path(0).path("id").asText();
    }

    private HttpResponse<String> raw(String query, EraText text) {
        var client = api(Role.BILLING_CLERK);
        return client.send(client.request("/billing/remittances" + query)
                .header("Content-Type", "application/edi-x12")
                .POST(BodyPublishers.ofByteArray(text.bytes())));
    }

    private TestClient api(Role role) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return new ObjectMapper().readTree(answer.body());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
