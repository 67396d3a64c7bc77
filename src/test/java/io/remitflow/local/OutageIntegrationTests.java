package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.CardGatewayStandIn.Behaviour;
import io.remitflow.local.CrashSite.Paid;
import io.remitflow.local.CrashSite.Plan;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Services that are away for a while, frozen, emptied or asked to stop: people are told, and the work goes on afterwards. */
@Tag("chaos")
class OutageIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration FROZEN = Duration.ofSeconds(60);
    private static final int SMALL_REFUNDS = 60;

    private static CrashSite site;

    @BeforeAll
    static void build() {
        site = new CrashSite(Plan.smallPayments(SMALL_REFUNDS).and(4, "250.00").withControlledClock());
    }

    @AfterAll
    static void leave() {
        if (site != null) {
            site.close();
        }
    }

    @BeforeEach
    void everythingRuns() {
        site.up();
    }

    @AfterEach
    void theInvariantsHold() {
        site.up();
        site.invariantsHold();
    }

    @Test
    void a5_casesWhoseProcessIsGoneWithTheEnginesDataAreShownAndGoOnWhereTheBooksSay() {
        UUID waiting = request(site.nextPaymentOf("250.00"));
        Paid paid = site.nextPayment();
        site.gateway.behave(paid.transaction(), Behaviour.STAY_SILENT);
        UUID sent = request(paid);
        await().atMost(SOON).until(() -> timeline(waiting, "Needs approval") == 1);
        await().atMost(SOON)
                .until(() -> site.gateway.refundsOf(paid.transaction()).size() == 1
                        && status(sent).equals("processing"));
        site.loseBroker();
        site.broker.start();
        site.broker.awaitHealthy();

        var operations = TestClient.browser(site.application.port())
                .signIn(site.hospital().signInName(Role.CFO), TestHospital.PASSWORD);
        await().atMost(SOON).until(() -> {
            operations.get("/app/operations");
            operations.post("/app/operations/lost-processes/search", Map.of());
            String page = operations.get("/app/operations").body();
            return page.contains(waiting.toString()) && page.contains(sent.toString());
        });
        for (UUID refund : List.of(waiting, sent)) {
            var answer = operations.post("/app/operations/lost-processes/refund/%s/start".formatted(refund), Map.of());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        }

        awaitCompleted(Map.of(sent, paid));
        await().atMost(SOON).until(() -> hasLiveInstance(waiting));
        assertThat(timeline(waiting, "Needs approval")).isOne();
        assertThat(timeline(sent, "Sent to the gateway")).isOne();
        assertThat(operations.get("/app/operations").body()).doesNotContain(waiting.toString());
        cancel(waiting);
        await().atMost(SOON).until(() -> !hasLiveInstance(waiting));
    }

    @Test
    void a6_whenPostgresStopsUnderLoadClientsAreToldToComeBackAndThePoolRecovers() throws Exception {
        var load = JournalLoad.start("a6", 120, () -> site.as(Role.ACCOUNTING_STAFF));
        load.awaitAnswers(ThreadLocalRandom.current().nextInt(20, 60));
        site.stopPostgresImmediately();
        var confirmed = load.answered();
        Processes.pause(Duration.ofSeconds(3));
        var page = TestClient.browser(site.application.port()).get("/sign-in");
        var health = TestClient.browser(site.application.port()).get("/actuator/health/readiness");
        Processes.pause(Duration.ofSeconds(2));
        site.restartPostgres();

        assertThat(confirmed).hasSizeBetween(20, 119);
        assertThat(page.statusCode()).isIn(200, 503);
        assertThat(health.statusCode()).isEqualTo(503);
        load.await(SOON);
        assertThat(load.unclear()).isEmpty();
        assertThat(load.deferred()).isPositive();
        assertThat(load.refused()).isEmpty();
        assertThat(load.answered()).containsOnlyKeys(load.keys()).containsAllEntriesOf(confirmed);
        load.answered()
                .forEach((key, id) -> assertThat(site.books()
                                .sql("select id from accounting_journal_entries where description = :key")
                                .param("key", key)
                                .query(UUID.class)
                                .list())
                        .containsExactly(id));
    }

    @Test
    void a13_askedToStopItTakesNothingMoreFinishesWhatRunsAndEndsWell() throws Exception {
        var clerk = site.as(Role.ACCOUNTING_STAFF);
        String draft = clerk.json("POST", "/accounting/journal-entries", """
                        {"description": "a13", "lines": [{"accountCode": "1000", "debitMinor": 100},
                                                         {"accountCode": "4010", "creditMinor": 100}]}""").body();
        String id = draft.replaceAll("(?s).*?\"id\":\"([0-9a-f-]{36})\".*", "$1");
        CompletableFuture<HttpResponse<String>> posting;
        try (Connection blocker = site.postgres().superuser().getConnection()) {
            blocker.setAutoCommit(false);
            try (var statement = blocker.createStatement()) {
                statement.execute("lock table accounting_journal_keys in share row exclusive mode");
            }
            posting = CompletableFuture.supplyAsync(
                    () -> clerk.send(clerk.request("/accounting/journal-entries/%s/post".formatted(id))
                            .POST(BodyPublishers.noBody())));
            await().atMost(SOON)
                    .until(() -> site.books()
                                    .sql(
                                            "select count(*) from pg_locks where relation = 'accounting_journal_keys'::regclass and not granted")
                                    .query(Long.class)
                                    .single()
                            > 0);

            site.application.terminate();

            await().atMost(Duration.ofSeconds(20)).until(() -> !isReady());
            assertThat(site.application.isRunning()).isTrue();
            assertThat(posting).isNotDone();
            blocker.rollback();
        }
        assertThat(posting.get().statusCode()).isEqualTo(200);
        assertThat(site.application.awaitEnd(Duration.ofSeconds(60))).isZero();
        assertThat(site.books()
                        .sql("select count(*) from accounting_journal_entries where description = 'a13'")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    @Test
    void h4_aFrozenBrokerDelaysRefundsButDoublesNone() throws Exception {
        Map<UUID, Paid> refunds = request(10);
        await().atMost(SOON).until(() -> completed(refunds) >= 2);
        Processes.signal(site.broker.pid(), "STOP");
        try {
            refunds.putAll(request(10));
            var browser = TestClient.browser(site.application.port())
                    .signIn(site.hospital().signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
            Instant thawed = Instant.now().plus(FROZEN);
            while (Instant.now().isBefore(thawed)) {
                for (String page : List.of("/app", "/app/inbox", "/app/approvals", "/app/refunds", "/app/operations")) {
                    Instant asked = Instant.now();
                    assertThat(browser.get(page).statusCode()).as(page).isEqualTo(200);
                    assertThat(Duration.between(asked, Instant.now()))
                            .as("%s does not wait for the engine", page)
                            .isLessThan(Duration.ofSeconds(10));
                }
                Processes.pause(Duration.ofSeconds(5));
            }
            assertThat(completed(refunds)).isLessThan(refunds.size());
        } finally {
            Processes.signal(site.broker.pid(), "CONT");
        }

        awaitCompleted(refunds);
    }

    @Test
    void h6_theReminderOfAnApprovalComesOnceWhateverIsRestarted() {
        Paid paid = site.nextPaymentOf("250.00");
        UUID refund = request(paid);
        await().atMost(SOON).until(() -> timeline(refund, "Needs approval") == 1);
        restartEverything();
        assertThat(timeline(refund, "Reminder")).isZero();

        site.broker.advance(Duration.ofDays(2).plusMinutes(5));

        await().atMost(SOON).until(() -> timeline(refund, "Reminder") == 1);
        restartEverything();
        site.broker.advance(Duration.ofDays(2).plusMinutes(10));
        Processes.pause(Duration.ofSeconds(5));
        assertThat(timeline(refund, "Reminder")).isOne();
        assertThat(timeline(refund, "Escalated")).isZero();
        cancel(refund);
    }

    @Test
    void h10_aRefundCannotBeCancelledWhileItsPaymentIsUnderWayAndIsBooked() {
        Paid paid = site.nextPayment();
        site.gateway.answerSlowlyAfter(Duration.ofSeconds(4));
        site.gateway.behave(paid.transaction(), Behaviour.ANSWER_SLOWLY);
        UUID refund = request(paid);
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> site.gateway.refundsOf(paid.transaction()).size() == 1);

        var answer =
                site.as(Role.BILLING_CLERK).json("POST", "/billing/refunds/%s/cancellation".formatted(refund), "{}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
        awaitCompleted(Map.of(refund, paid));
    }

    @Test
    void h10_ofACancelledRefundNoMoneyLeavesAlthoughItsPaymentJobRunsAtThatMoment() throws Exception {
        Paid paid = site.nextPayment();
        UUID refund;
        try (Connection blocker = site.postgres().superuser().getConnection()) {
            blocker.setAutoCommit(false);
            // The payment job waits for its row; the cancellation gets in line behind or before it.
            refund = request(paid);
            try (var statement = blocker.prepareStatement("select from billing_refunds where id = ? for update")) {
                statement.setObject(1, refund);
                statement.execute();
            }
            var cancelling = CompletableFuture.supplyAsync(() -> site.as(Role.BILLING_CLERK)
                    .json("POST", "/billing/refunds/%s/cancellation".formatted(refund), "{}"));
            Processes.pause(Duration.ofSeconds(2));
            blocker.rollback();
            int status = cancelling.get().statusCode();
            assertThat(status).isIn(200, 409);
        }

        await().atMost(SOON).until(() -> List.of("cancelled", "completed").contains(status(refund)));
        await().atMost(SOON).until(() -> !hasLiveInstance(refund));
        boolean paidOut = status(refund).equals("completed");
        assertThat(site.gateway.refundsOf(paid.transaction())).hasSize(paidOut ? 1 : 0);
        assertThat(entriesOf(refund)).isEqualTo(paidOut ? 1 : 0);
    }

    private static boolean isReady() {
        try {
            return TestClient.browser(site.application.port())
                            .get("/actuator/health/readiness")
                            .statusCode()
                    == 200;
        } catch (UncheckedIOException closed) {
            return false;
        }
    }

    private static void restartEverything() {
        site.application.kill();
        site.broker.kill();
        site.up();
    }

    private static Map<UUID, Paid> request(int count) {
        var refunds = new LinkedHashMap<UUID, Paid>();
        for (int i = 0; i < count; i++) {
            Paid paid = site.nextPayment();
            refunds.put(request(paid), paid);
        }
        return refunds;
    }

    private static UUID request(Paid paid) {
        return site.request(site.as(Role.BILLING_CLERK), paid);
    }

    private static void cancel(UUID refund) {
        var answer =
                site.as(Role.BILLING_CLERK).json("POST", "/billing/refunds/%s/cancellation".formatted(refund), "{}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void awaitCompleted(Map<UUID, Paid> refunds) {
        await().atMost(SOON.multipliedBy(2)).until(() -> completed(refunds) == refunds.size());
        await().atMost(SOON).until(() -> refunds.keySet().stream().noneMatch(OutageIntegrationTests::hasLiveInstance));
        refunds.forEach((refund, paid) -> {
            assertThat(site.gateway.refundsOf(paid.transaction())).hasSize(1);
            assertThat(entriesOf(refund)).isOne();
        });
    }

    private static long completed(Map<UUID, Paid> refunds) {
        return site.books()
                .sql("select count(*) from billing_refunds where status = 'completed' and id in (:ids)")
                .param("ids", refunds.keySet())
                .query(Long.class)
                .single();
    }

    private static String status(UUID refund) {
        return site.books()
                .sql("select status from billing_refunds where id = :id")
                .param("id", refund)
                .query(String.class)
                .single();
    }

    private static long entriesOf(UUID refund) {
        return site.books()
                .sql("select count(*) from accounting_journal_entries where source_key like '%' || :id || '%'")
                .param("id", refund.toString())
                .query(Long.class)
                .single();
    }

    private static long timeline(UUID refund, String step) {
        return site.books()
                .sql("select count(*) from workflow_timeline where subject_id = :id and step = :step")
                .param("id", refund)
                .param("step", step)
                .query(Long.class)
                .single();
    }

    private static boolean hasLiveInstance(UUID refund) {
        return site
                .books()
                .sql("select process_instance_key from workflow_process_instances where business_key = :id")
                .param("id", refund.toString())
                .query(Long.class)
                .list()
                .stream()
                .anyMatch(site::isLive);
    }
}
