package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentPosting;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.DiscrepancyTasks;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.Responsibility;
import io.remitflow.workflow.CompletedTask;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** S1: its endpoints under its paths, and the pages. */
@BooksTest
class ReconciliationWebIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    ObjectMapper json;

    @LocalServerPort
    int port;

    GatewayBooks books;
    TestClient manager;

    @BeforeEach
    void openHospital() {
        books = new GatewayBooks(context);
        manager = as(Role.BILLING_MANAGER);
    }

    @Test
    void s1_aRunIsTriggeredListedAndReported() {
        books.paid("ch_1", "10.00");
        books.charged("ch_1", "10.00");
        books.charged("ch_2", "20.00");

        JsonNode run = read(trigger());

        assertThat(run.get("matchedPercent").asText()).isEqualTo("50.00");
        JsonNode listed = read(manager.get("/billing/reconciliation/runs"));
        assertThat(listed.at("/items/0/id")).isEqualTo(run.get("id"));
        JsonNode report =
                read(manager.get("/billing/reconciliation/runs/" + run.get("id").asText() + "/report"));
        assertThat(report.at("/reportJson/matchedPercent").asText()).isEqualTo("50.00");
        assertThat(report.at("/reportJson/discrepancies/MissingInternalRecord").asInt())
                .isEqualTo(1);
        assertThat(report.at("/reportJson/totalMismatch/0/amountMinor").asLong())
                .isEqualTo(2_000);
        assertThat(report.at("/reportJson/totals/0/providerSucceededMinor").asLong())
                .isEqualTo(3_000);
        assertThat(report.get("reportMarkdown").asText()).contains("| MissingInternalRecord | 1 |");
        var markdown = manager.send(
                manager.request("/billing/reconciliation/runs/" + run.get("id").asText() + "/report")
                        .header("Accept", "text/markdown")
                        .GET());
        assertThat(markdown.body()).startsWith("# Billing reconciliation of ");
    }

    @Test
    void s1_withoutABodyYesterdayIsReconciledAndAnUnfinishedFutureIsRefused() {
        JsonNode run = read(manager.send(
                manager.request("/billing/reconciliation/runs/trigger").POST(BodyPublishers.noBody())));

        assertThat(run.get("periodStart").asText())
                .isEqualTo(books.day().plusDays(2).toString());
        assertThat(manager.json("POST", "/billing/reconciliation/runs/trigger", """
                        {"periodStart": "%s"}""".formatted(
                                        books.day().plusDays(10)))
                        .statusCode())
                .isEqualTo(400);
        assertThat(manager.json("POST", "/billing/reconciliation/runs/trigger", """
                        {"periodStart": "2026-03-02", "periodEnd": "2026-03-01"}""")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void s1_aDiscrepancyIsAcknowledgedAssignedNotedResolvedAndReopened() {
        books.charged("ch_2", "20.00");
        trigger();
        JsonNode found = read(manager.get("/billing/reconciliation/discrepancies"));
        String path = "/billing/reconciliation/discrepancies/"
                + found.at("/items/0/id").asText();
        UUID owner = books.hospital.user(Role.CFO).value();

        assertThat(status(manager.json("PATCH", path + "/acknowledge", ""))).isEqualTo("acknowledged");
        assertThat(status(manager.json("PATCH", path + "/acknowledge", ""))).isEqualTo("acknowledged");
        JsonNode assigned = read(manager.json("PATCH", path + "/assign", "{\"assigneeId\": \"%s\"}".formatted(owner)));
        assertThat(assigned.get("assigneeId").asText()).isEqualTo(owner.toString());
        assertThat(assigned.get("status").asText())
                .as("assigning keeps the status")
                .isEqualTo("acknowledged");
        manager.json("POST", path + "/notes", "{\"note\": \"Card 4242 4242 4242 4242 was declined twice\"}");
        assertThat(manager.json("PATCH", path + "/resolve", "{\"reason\": \" \"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(status(manager.json("PATCH", path + "/resolve", "{\"reason\": \"A test charge of ours\"}")))
                .isEqualTo("resolved");
        var again = manager.json("PATCH", path + "/acknowledge", "");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("discrepancy-not-in-state");
        assertThat(status(manager.json("PATCH", path + "/reopen", "{\"reason\": \"It was none\"}")))
                .isEqualTo("open");

        List<String> actions = new ArrayList<>();
        JsonNode log = read(manager.get(path)).get("actions");
        log.forEach(action -> actions.add(action.get("action").asText()));
        assertThat(actions).containsExactly("opened", "acknowledged", "assigned", "noted", "resolved", "reopened");
        assertThat(log.get(3).get("detail").asText()).doesNotContain("4242");
        assertThat(log.get(1).get("actorId").asText())
                .isEqualTo(books.hospital.user(Role.BILLING_MANAGER).value().toString());
        // Every step reached the outbox; the second opening has a process of its own.
        assertThat(books.text("""
                        select string_agg(message_name, ' ' order by created_at, id) from workflow_outbox
                        where message_name like 'discrepancies.%'
                        """))
                .isEqualTo("discrepancies.found discrepancies.changed discrepancies.changed discrepancies.changed "
                        + "discrepancies.resolved discrepancies.found");
        assertThat(books.text("""
                        select count(distinct correlation_key)::text from workflow_outbox
                        where message_name = 'discrepancies.found'
                        """)).isEqualTo("2");
    }

    @Test
    void theTaskThatIsNewAfterAnEscalationOrARefusalIsHandedToItsOwner() {
        books.charged("ch_2", "20.00");
        trigger();
        UUID id = books.only().id();
        var discrepancies = context.getBean(Discrepancies.class);
        books.hospital.run(() -> discrepancies.triaged(id, 60, "billing-manager", 1, "By the rule"));
        Instant deadline = Instant.now().plus(Duration.ofDays(2));

        books.hospital.run(() -> {
            discrepancies.escalate(id, "cfo", Duration.ofDays(5), deadline);
            discrepancies.escalate(id, "cfo", Duration.ofDays(5), deadline);
        });
        assertThat(handovers()).isEqualTo("1");

        var answered = new CompletedTask(4_711, "nobody", Instant.now(), Map.of("resolution", "explained"));
        books.hospital.run(() -> {
            context.getBean(DiscrepancyTasks.class).completed(id, List.of(answered), 1);
            context.getBean(DiscrepancyTasks.class).completed(id, List.of(answered), 1);
        });
        assertThat(handovers()).isEqualTo("2");
    }

    private String handovers() {
        return books.text("select count(*)::text from workflow_outbox where message_name = 'discrepancies.changed'");
    }

    @Test
    void s1_aCorrectionIsAPostedAdjustmentOnly() {
        UUID account = books.account();
        books.paid(account, "ch_1", "100.00", books.day());
        books.charged("ch_1", "80.00");
        trigger();
        UUID id = books.only().id();
        String path = "/billing/reconciliation/discrepancies/" + id + "/resolve";
        books.billed(account, "500.00");
        String number = adjustment(account, false);

        for (@Nullable String given : new @Nullable String[] {null, "WO-2000-000001", number}) {
            var answer = manager.json(
                    "PATCH", path, """
                    {"reason": "Too much booked", "resolution": "corrected"%s}
                    """.formatted(given == null ? "" : ", \"adjustmentNumber\": \"" + given + '"'));
            assertThat(answer.statusCode()).as("adjustment %s", given).isEqualTo(422);
            assertThat(answer.body()).contains("correction-not-posted");
        }
        UUID stranger = books.account();
        books.billed(stranger, "500.00");
        correctionRefused(path, adjustment(stranger, true), "of another account than the payment");
        correctionRefused(path, adjustment(account, "19.99", true), "is over 19.99, the difference is 20.00");
        String posted = adjustment(account, true);
        JsonNode resolved = read(manager.json("PATCH", path, """
                {"reason": "Too much booked", "resolution": "corrected", "adjustmentNumber": "%s"}
                """.formatted(posted)));

        assertThat(resolved.get("adjustmentNumber").asText()).isEqualTo(posted);
        assertThat(manager.json("PATCH", path, "{\"reason\": \"x\", \"resolution\": \"matched\"}")
                        .statusCode())
                .as("only a run finds that records agree")
                .isEqualTo(400);
        books.paid(account, "ch_2", "50.00", books.day());
        books.charged("ch_2", "30.00");
        trigger();
        UUID second = UUID.fromString(
                books.text(
                        "select id::text from reconciliation_discrepancies where reference like '%ch_2%' or subject_key like '%ch_2%'"));
        correctionRefused(
                "/billing/reconciliation/discrepancies/" + second + "/resolve", posted, "corrects discrepancy");
    }

    @Test
    void whatWeDoNotHaveIsCorrectedByWhatWasPostedSinceAndLowersWhatIsOwed() {
        UUID account = books.account();
        books.billed(account, "500.00");
        String before = adjustment(account, "20.00", true);
        books.charged("ch_1", "20.00");
        trigger();
        String path = "/billing/reconciliation/discrepancies/" + books.only().id() + "/resolve";
        String since = adjustment(account, "20.00", true);
        String back = takenBack(adjustment(account, "20.00", true));

        correctionRefused(path, before, "before the difference was found");
        correctionRefused(path, back, "raises what is owed");

        assertThat(manager.json("PATCH", path, """
                {"reason": "Of this patient", "resolution": "corrected", "adjustmentNumber": "%s"}
                """.formatted(since)).statusCode())
                .isEqualTo(200);
    }

    private void correctionRefused(String path, String adjustment, String why) {
        var answer = manager.json("PATCH", path, """
                {"reason": "Too much booked", "resolution": "corrected", "adjustmentNumber": "%s"}
                """.formatted(adjustment));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(answer.body()).contains("correction-not-posted").contains(why);
    }

    @Test
    void s1_onlyOwnerAndManagerMay() {
        books.charged("ch_2", "20.00");
        trigger();
        String path = "/billing/reconciliation/discrepancies/" + books.only().id();
        Set<Role> allowed = Set.of(Role.BILLING_MANAGER, Role.CFO);
        for (Role role : Role.values()) {
            var client = as(role);
            int expected = allowed.contains(role) ? 200 : 403;
            for (String get : List.of("/billing/reconciliation/runs", "/billing/reconciliation/discrepancies", path)) {
                assertThat(client.get(get).statusCode()).as("%s %s", role, get).isEqualTo(expected);
            }
            assertThat(client.json("PATCH", path + "/acknowledge", "").statusCode())
                    .as("%s acknowledges", role)
                    .isEqualTo(expected);
            assertThat(client.json("POST", "/billing/reconciliation/runs/trigger", "{}")
                            .statusCode())
                    .as("%s triggers", role)
                    .isEqualTo(expected);
        }
        assertThat(TestClient.browser(port).get("/billing/reconciliation/runs").statusCode())
                .isEqualTo(401);
    }

    @Test
    void s1_anOwnerIsSomebodyOfThisHospitalWhoMayWorkOnIt() {
        books.charged("ch_2", "20.00");
        trigger();
        String path = "/billing/reconciliation/discrepancies/" + books.only().id() + "/assign";
        UUID stranger = TestHospital.create(context).user(Role.CFO).value();

        assertThat(manager.json("PATCH", path, "{\"assigneeId\": \"%s\"}".formatted(stranger))
                        .statusCode())
                .isEqualTo(404);
        assertThat(manager.json(
                                "PATCH",
                                path,
                                "{\"assigneeId\": \"%s\"}"
                                        .formatted(books.hospital
                                                .user(Role.BILLING_CLERK)
                                                .value()))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void s1_theDailyTriggerWantsItsTokenAndReconcilesEveryHospital() {
        var other = new GatewayBooks(context);
        var stranger = TestClient.browser(port);
        String path = "/billing/reconciliation/runs/daily";

        for (@Nullable String wrong : new @Nullable String[] {
            null, "", "x", TestServices.DAILY_TOKEN + "x", TestServices.DAILY_TOKEN.toUpperCase(Locale.ROOT)
        }) {
            var request = stranger.request(path).POST(BodyPublishers.noBody());
            if (wrong != null) {
                request.header("x-reconciliation-token", wrong);
            }
            var refused = stranger.send(request);
            assertThat(refused.statusCode()).as("token %s", wrong).isEqualTo(401);
            assertThat(refused.body()).doesNotContain(TestServices.DAILY_TOKEN);
        }
        assertThat(books.text("select count(*)::text from reconciliation_runs")).isEqualTo("0");

        var answer = stranger.send(stranger.request(path)
                .header("x-reconciliation-token", TestServices.DAILY_TOKEN)
                .POST(BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(read(answer).get("failed").asInt()).isZero();
        for (GatewayBooks each : List.of(books, other)) {
            assertThat(each.text("select trigger_source || ' ' || period_start from reconciliation_runs"))
                    .isEqualTo("token " + each.day().plusDays(2));
        }
        assertThat(stranger.get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void thePagesShowRunsTheBoardAndTheCaseAndDoWhatTheApiDoes() {
        books.paid("ch_1", "10.00");
        books.charged("ch_1", "15.00");
        var browser =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        assertThat(browser.get("/app/reconciliation").body()).contains("Nothing was reconciled yet");

        var run = browser.post(
                "/app/reconciliation/runs",
                Map.of("start", books.day().toString(), "end", books.day().toString()));
        String href = run.headers().firstValue("Location").orElseThrow();
        String page = browser.get(href.substring(href.indexOf("/app"))).body();
        assertThat(page).contains("0.00 %", "AmountMismatch", "report.md");
        String board = browser.get("/app/reconciliation/discrepancies").body();
        assertThat(board).contains("RD-", "Another amount", "5.00 USD", "rf-ages");
        assertThat(browser.get("/app/reconciliation/discrepancies?type=CurrencyMismatch")
                        .body())
                .contains("No discrepancies match");

        String path = "/app/reconciliation/discrepancies/" + books.only().id();
        assertThat(browser.get(path).body()).contains("10.00 USD", "15.00 USD", "Acknowledge", "Opened");
        browser.post(path + "/acknowledgement", Map.of());
        browser.post(
                path + "/owner", Map.of("owner", books.hospital.user(Role.CFO).toString()));
        browser.post(path + "/notes", Map.of("note", "Asked them"));
        browser.post(path + "/resolution", Map.of("resolution", "explained", "reason", "A tip"));
        assertThat(browser.get(path).body())
                .contains("Acknowledged", "Assigned", "Asked them", "Explained, nothing to correct", "Open again");
        browser.post(path + "/reopening", Map.of("reason", "No tip"));
        assertThat(books.only().round()).isEqualTo(2);
        assertThat(browser.get(path).body()).contains("Reopened");
    }

    private String adjustment(UUID account, boolean post) {
        return adjustment(account, "20.00", post);
    }

    private String adjustment(UUID account, String amount, boolean post) {
        var adjustments = context.getBean(Adjustments.class);
        var number = new String[1];
        books.hospital.runAs(Role.BILLING_CLERK, () -> {
            UUID id = adjustments.request(new AdjustmentRequest(
                    account,
                    null,
                    Responsibility.PATIENT,
                    AdjustmentType.PRICE_CORRECTION,
                    Amounts.parse(amount, "USD"),
                    "Too much booked"));
            if (post) {
                context.getBean(AdjustmentApprovals.class).ruleAnswered(id, 1, List.of(), "Below 50.00 in 7 days");
                context.getBean(AdjustmentPosting.class).post(id);
            }
            number[0] = adjustments.get(id).number();
        });
        return number[0];
    }

    private String takenBack(String number) {
        var adjustments = context.getBean(Adjustments.class);
        var reversal = new String[1];
        UUID original = UUID.fromString(books.text(
                "select id::text from billing_adjustments where adjustment_number = '%s'".formatted(number)));
        books.hospital.runAs(Role.BILLING_CLERK, () -> {
            UUID id = adjustments.requestReversal(original, "Given in error");
            context.getBean(AdjustmentApprovals.class).ruleAnswered(id, 1, List.of(), "Below 50.00 in 7 days");
            context.getBean(AdjustmentPosting.class).post(id);
            reversal[0] = adjustments.get(id).number();
        });
        return reversal[0];
    }

    private HttpResponse<String> trigger() {
        var answer = manager.json("POST", "/billing/reconciliation/runs/trigger", """
                {"periodStart": "%1$s", "periodEnd": "%1$s"}
                """.formatted(books.day()));
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer;
    }

    private String status(HttpResponse<String> answer) {
        return read(answer).get("status").asText();
    }

    private JsonNode read(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        try {
            return json.readTree(answer.body());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private TestClient as(Role role) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
    }
}
