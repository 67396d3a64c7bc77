package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.camunda.client.CamundaClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;

/** The outbox, job failures, human tasks and decisions against the real broker and Tasklist. */
@RemitflowTest
@Import(TestWorkers.class)
@TestPropertySource(
        properties = {
            "remitflow.workflow.outbox-sweep=PT1S",
            "remitflow.workflow.first-retry=PT0.2S",
            "remitflow.workflow.not-yet-retry=PT0.2S",
            // The default of application.yaml goes before the annotation of a worker.
            "camunda.client.worker.override.[workflow.test-work].timeout=PT8S"
        })
@DirtiesContext // sweeps every second
class EngineIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(40);
    private static final Duration MANY = Duration.ofMinutes(3);

    private static final String CONTINUED = "workflow.test-continued";

    private static boolean deployed;

    private final ApplicationContext context;
    private final CamundaClient engine;
    private final TestWorkers workers;
    private final ProcessMessages messages;
    private final HumanTasks tasks;
    private final TransactionTemplate transactions;

    private TestHospital hospital;

    @LocalServerPort
    private int port;

    @Autowired
    EngineIntegrationTests(
            ApplicationContext context,
            CamundaClient engine,
            TestWorkers workers,
            ProcessMessages messages,
            HumanTasks tasks,
            TransactionTemplate transactions) {
        this.context = context;
        this.engine = engine;
        this.workers = workers;
        this.messages = messages;
        this.tasks = tasks;
        this.transactions = transactions;
        this.hospital = TestHospital.create(context);
    }

    @BeforeEach
    void deploy() throws IOException {
        hospital = TestHospital.create(context);
        if (!deployed) {
            for (String name : List.of(
                    "workflow-test.bpmn",
                    "workflow-test-task.bpmn",
                    "workflow-test-wait.bpmn",
                    "workflow-test-unheard.bpmn")) {
                context.getBean(ProcessModels.class)
                        .read(name, new ClassPathResource("workflow/" + name).getContentAsByteArray());
            }
            engine.newDeployResourceCommand()
                    .addResourceFromClasspath("workflow/workflow-test.bpmn")
                    .addResourceFromClasspath("workflow/workflow-test-task.bpmn")
                    .addResourceFromClasspath("workflow/workflow-test-wait.bpmn")
                    .addResourceFromClasspath("workflow/workflow-test.dmn")
                    .send()
                    .join();
            deployed = true;
        }
    }

    @Test
    void startsOneProcessForEachMessage() {
        String id = start("ok");

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(workers.startedInstances.get(id)).hasSize(1);
        assertThat(outbox(id)).containsEntry("state", "sent");
        var instance =
                hospital.call(() -> context.getBean(ProcessInstances.class).find("workflow-test", id));
        assertThat(instance).isPresent();
    }

    @Test
    void sendsNothingWhenTheTransactionRollsBack() {
        String id = UUID.randomUUID().toString();
        hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            messages.publish("workflow.test-requested", id, Map.of("testId", id, "behaviour", "ok"));
            transaction.setRollbackOnly();
        }));

        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(5)).until(() -> workers.attempts(id) == 0);
    }

    /** The acknowledgement was lost, so the row is sent again, even after the process has ended. */
    @Test
    void b_startsNothingWhenARowIsSentAgain() {
        String id = start("ok");
        await().atMost(SOON)
                .until(() ->
                        workers.finished(id) == 1 && "sent".equals(outbox(id).get("state")));

        superuser(
                "update workflow_outbox set state = 'waiting', next_attempt_at = now() where correlation_key = ?", id);

        await().atMost(SOON).until(() -> "sent".equals(outbox(id).get("state")) && attemptsOf(id) == 2);
        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(4)).until(() -> workers.finished(id) == 1);
        assertThat(workers.startedInstances.get(id)).hasSize(1);
    }

    @Test
    void h1_repeatsASlowJobWithoutASecondEffect() {
        String id = start("slow");

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(workers.attempts(id)).isGreaterThanOrEqualTo(2);
        await().during(Duration.ofSeconds(6)).atMost(Duration.ofSeconds(8)).until(() -> workers.finished(id) == 1);
        assertThat(workers.startedInstances.get(id)).hasSize(1);
    }

    @Test
    void h2_turnsARefusalIntoThePathOfTheDiagram() {
        String id = start("refused");

        await().atMost(SOON).until(() -> workers.refused.containsKey(id));
        assertThat(workers.finished(id)).isZero();
        assertThat(incidents()).isEmpty();
    }

    @Test
    void h2_recoversWhenAJobSucceedsAtTheThirdTry() {
        String id = start("fails-twice");

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(workers.attempts(id)).isEqualTo(3);
        assertThat(incidents()).isEmpty();
    }

    @Test
    void h2_recordsAnIncidentAfterTheLastTryAndRunsTheStepAgain() {
        String id = start("fails");

        await().atMost(SOON).until(() -> incidents().size() == 1);
        var incident = incidents().getFirst();
        assertThat(incident.elementId()).isEqualTo("work");
        assertThat(incident.jobType()).isEqualTo("workflow.test-work");
        assertThat(incident.code()).isEqualTo("IllegalStateException");
        assertThat(incident.toString()).doesNotContain("Canary");
        assertThat(workers.attempts(id)).isEqualTo(3);

        workers.repaired.add(id);
        hospital.runAs(
                Role.BILLING_MANAGER, () -> context.getBean(Incidents.class).retry(incident.id()));

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(incidents()).isEmpty();
    }

    @Test
    void h2_anIncidentStaysWhereTheEngineRefusesToRepeatItsStep() {
        start("refused-unexpectedly");
        await().atMost(SOON).until(() -> incidents().size() == 1);
        UUID incident = incidents().getFirst().id();
        superuser(
                "update workflow_incidents set element_id = 'of another model' where id = ?::uuid",
                incident.toString());

        hospital.runAs(
                Role.BILLING_MANAGER,
                () -> assertThatExceptionOfType(RuleViolation.class)
                        .isThrownBy(() -> context.getBean(Incidents.class).retry(incident))
                        .matches(refusal -> refusal.refusal() == Refusal.STEP_NOT_REPEATABLE));

        assertThat(incidents()).extracting(Incident::id).containsExactly(incident);
    }

    @Test
    void h2_anIncidentWhoseStepSomebodyRepeatedInOperateNeedsNobody() {
        String id = start("fails");
        await().atMost(SOON).until(() -> incidents().size() == 1);
        UUID incident = incidents().getFirst().id();
        workers.repaired.add(id);
        hospital.runAs(
                Role.BILLING_MANAGER, () -> context.getBean(Incidents.class).retry(incident));
        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        superuser("update workflow_incidents set resolved_at = null where id = ?::uuid", incident.toString());

        hospital.runAs(
                Role.BILLING_MANAGER, () -> context.getBean(Incidents.class).retry(incident));

        assertThat(incidents()).isEmpty();
    }

    @Test
    void h2_makesARefusalThatTheModelDoesNotExpectAnIncidentAtOnce() {
        String id = start("refused-unexpectedly");

        await().atMost(SOON).until(() -> incidents().size() == 1);
        assertThat(incidents().getFirst().code()).isEqualTo("period-closed");
        assertThat(workers.attempts(id)).isEqualTo(1);
    }

    @Test
    void waitsForWhatIsOnItsWayWithoutUsingUpRetries() {
        String id = start("not-yet");

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(workers.attempts(id)).isEqualTo(5);
    }

    @Test
    void h3_asksABusyEngineAgainWithoutUsingUpRetries() {
        String id = start("engine-busy");

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(workers.attempts(id)).isEqualTo(5);
        assertThat(incidents()).isEmpty();
    }

    @Test
    void a6_waitsForBooksThatAreAwayWithoutUsingUpRetries() {
        String id = start("books-away");

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(workers.attempts(id)).isEqualTo(5);
        assertThat(incidents()).isEmpty();
    }

    @Test
    void a6_aJobIsNoIncidentBeforeItCouldBeListedAsOne() {
        superuser("""
                create function the_books_are_away() returns trigger language plpgsql as
                    'begin raise exception ''away'' using errcode = ''57P03''; end'""");
        superuser("create trigger the_books_are_away before insert on workflow_incidents "
                + "execute function the_books_are_away()");
        String id;
        try {
            id = start("refused-unexpectedly");
            await().atMost(SOON).until(() -> workers.attempts(id) >= 2);
        } finally {
            superuser("drop function the_books_are_away cascade");
        }

        await().atMost(SOON).until(() -> incidents().size() == 1);
    }

    @Test
    void h3_startsEachOf500OnceAlthoughTheBrokerIsAwayMeanwhile() {
        var broker = TestServices.stack().broker();
        broker.kill();
        List<String> ids = IntStream.range(0, 500).mapToObj(i -> start("ok")).toList();
        hospital.run(() ->
                assertThat(context.getBean(ParkedMessages.class).waiting()).isEqualTo(500));
        broker.start();
        broker.awaitHealthy();

        await().atMost(Duration.ofMinutes(5)).until(() -> ids.stream().allMatch(id -> workers.finished(id) >= 1));
        assertThat(ids)
                .allSatisfy(id -> assertThat(workers.startedInstances.get(id)).hasSize(1));
        await().atMost(SOON)
                .until(() -> hospital.call(
                                () -> context.getBean(ParkedMessages.class).waiting())
                        == 0);
        hospital.run(
                () -> assertThat(context.getBean(ParkedMessages.class).all()).isEmpty());
    }

    @Test
    void h9_startsOneProcessWhenTheAcknowledgementIsLost() throws Exception {
        var dispatcher = context.getBean(OutboxDispatcher.class);
        dispatcher.stop();
        int port = URI.create(TestServices.stack().broker().grpcAddress()).getPort();
        try (var proxy = new DroppingProxy(port);
                var lossy = CamundaClient.newClientBuilder()
                        .grpcAddress(URI.create("http://127.0.0.1:" + proxy.port()))
                        .restAddress(URI.create(TestServices.stack().broker().restAddress()))
                        .preferRestOverGrpc(false)
                        .build()) {
            lossy.newTopologyRequest().send().join();
            var second = new OutboxDispatcher(
                    context.getBean(Outbox.class),
                    lossy,
                    context.getBean(Deployments.class),
                    context.getBean(Organizations.class),
                    new SimpleMeterRegistry(),
                    Duration.ofMillis(200));
            String id = start("ok");
            proxy.dropNextAnswers(2);
            second.start();
            try {
                await().atMost(SOON).until(() -> "sent".equals(outbox(id).get("state")));
            } finally {
                second.stop();
            }
            assertThat(proxy.dropped()).isPositive();
            assertThat(attemptsOf(id)).isGreaterThan(1);
            await().atMost(SOON).until(() -> workers.finished(id) == 1);
            assertThat(workers.startedInstances.get(id)).hasSize(1);
        } finally {
            dispatcher.start();
        }
    }

    @Test
    void h8_parksWhatIsTooOldForTheEngineToRecognise() {
        var dispatcher = context.getBean(OutboxDispatcher.class);
        dispatcher.stop();
        String id;
        try {
            id = start("ok");
            superuser(
                    "update workflow_outbox set created_at = now() - interval '6 days 1 minute' where correlation_key = ?",
                    id);
        } finally {
            dispatcher.start();
        }

        await().atMost(SOON).until(() -> "parked".equals(outbox(id).get("state")));
        var parked = hospital.call(() -> context.getBean(ParkedMessages.class).all());
        assertThat(parked)
                .singleElement()
                .satisfies(message -> assertThat(message.key()).isEqualTo(id));
        assertThat(operationsPage()).contains("workflow.test-requested", id);
        assertThat(manager().get("/app").body()).contains("Stuck in operations");

        hospital.run(() ->
                context.getBean(ParkedMessages.class).retry(parked.getFirst().id()));
        await().atMost(SOON).until(() -> workers.finished(id) == 1);
    }

    @Test
    void h8_aMessageThatIsThereBeforeItsProcessWaitsIsCorrelatedOnce() {
        String id = UUID.randomUUID().toString();
        publish(CONTINUED, id);
        await().atMost(SOON).until(() -> sent(CONTINUED, id) > 0);

        publish("workflow.test-wait-requested", id);

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        staysFinishedOnce(id);
        publish(CONTINUED, id);
        await().atMost(SOON).until(() -> workers.finished(id) == 2);
    }

    /** The acknowledgement was lost: the same row, so the same message id. The process waits for the next message by then. */
    @Test
    void h8_aMessageThatIsSentTwiceIsCorrelatedOnce() {
        String id = UUID.randomUUID().toString();
        publish("workflow.test-wait-requested", id);
        await().atMost(SOON).until(() -> workers.attempts(id) == 1);
        publish(CONTINUED, id);
        await().atMost(SOON).until(() -> workers.finished(id) == 1 && sent(CONTINUED, id) > 0);
        int times = sent(CONTINUED, id);

        superuser(
                "update workflow_outbox set state = 'waiting', next_attempt_at = now()"
                        + " where message_name = 'workflow.test-continued' and correlation_key = ?",
                id);

        await().atMost(SOON).until(() -> sent(CONTINUED, id) > times);
        staysFinishedOnce(id);
        publish(CONTINUED, id);
        await().atMost(SOON).until(() -> workers.finished(id) == 2);
    }

    @Test
    void h8_aStartThatTheEngineTookAndNobodyHeardIsListedAsACaseWithoutProcess() {
        String id = UUID.randomUUID().toString();
        var lost = context.getBean(LostProcesses.class);

        publish("workflow.test-unheard-requested", id);
        await().atMost(SOON).until(() -> sent("workflow.test-unheard-requested", id) > 0);
        assertThat(hospital.call(lost::all)).as("it may still begin").isEmpty();
        superuser(
                "update workflow_outbox set sent_at = now() - interval '7 days 1 minute' where correlation_key = ?",
                id);

        assertThat(hospital.call(lost::all)).singleElement().satisfies(found -> {
            assertThat(found.processId()).isEqualTo("workflow-test-unheard");
            assertThat(found.businessKey()).isEqualTo(id);
        });
        assertThat(operationsPage()).contains("workflow-test-unheard", id);
    }

    @Test
    void h7_whatIsTooLargeIsRefusedBeforeAProcessIsCreated() {
        String id = UUID.randomUUID().toString();
        List<String> texts = Collections.nCopies(10_000, "x".repeat(450));

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> hospital.run(() -> transactions.executeWithoutResult(transaction ->
                        messages.publish("workflow.test-requested", id, Map.of("testId", id, "texts", texts)))))
                .withMessageContaining("bytes of process variables");

        assertThat(sent("workflow.test-requested", id)).as("not even a row").isZero();
    }

    @Test
    void listsClaimsAndCompletesATask() {
        var other = TestHospital.create(context);
        String id = startTask();

        var task = await().atMost(SOON)
                .until(
                        () -> hospital.call(() -> tasks.open(TaskQuery.unclaimed(Set.of("billing-manager")))),
                        found -> found.size() == 1)
                .getFirst();
        assertThat(task.processId()).isEqualTo("workflow-test-task");
        assertThat(task.elementId()).isEqualTo("decide");
        assertThat(task.name()).isEqualTo("Decide on it");
        assertThat(task.candidateGroups()).containsExactly("billing-manager");
        assertThat(task.priority()).isEqualTo(70);
        assertThat(task.dueAt()).isEqualTo(Instant.parse("2027-01-02T03:04:05Z"));
        assertThat(hospital.call(() -> tasks.find(task.key())))
                .hasValueSatisfying(found -> assertThat(found.variables()).containsEntry("testId", id));

        // as if absent for others
        other.run(() -> {
            assertThat(tasks.open(TaskQuery.all())).isEmpty();
            assertThat(tasks.find(task.key())).isEmpty();
            assertThatExceptionOfType(RuleViolation.class)
                    .isThrownBy(() -> tasks.claim(task.key(), "thief"))
                    .matches(refusal -> refusal.refusal() == Refusal.NOT_FOUND);
        });
        assertThat(hospital.call(() -> tasks.open(TaskQuery.unclaimed(Set.of("billing-clerk")))))
                .isEmpty();

        hospital.run(() -> tasks.claim(task.key(), "manager"));
        hospital.run(() -> assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> tasks.claim(task.key(), "manager2"))
                .matches(refusal -> refusal.refusal() == Refusal.CHANGED_MEANWHILE));
        await().atMost(SOON)
                .until(() -> hospital.call(() -> tasks.find(task.key()))
                        .filter(found -> "manager".equals(found.assignee()))
                        .isPresent());

        complete(task.key(), Map.of("decision", "approve", "orgId", "overwritten"));

        await().atMost(SOON).until(() -> workers.finished(id) == 1);
        assertThat(workers.decisions).containsEntry(id, "approve");
        var completed = await().atMost(SOON)
                .until(
                        () -> hospital.call(() -> tasks.completed(task.processInstanceKey(), "decide")),
                        found -> found.size() == 1)
                .getFirst();
        assertThat(completed.key()).isEqualTo(task.key());
        assertThat(completed.assignee()).isEqualTo("manager");
        assertThat(hospital.call(() -> tasks.find(task.key()))).isEmpty();

        // once more, from another tab: done already
        complete(task.key(), Map.of("decision", "reject"));
        await().atMost(SOON)
                .until(() -> hospital.call(
                                () -> context.getBean(ParkedMessages.class).waiting())
                        == 0);
        assertThat(workers.finished(id)).isEqualTo(1);
    }

    @Test
    void recordsADecisionOnceWithItsVersionAndReason() {
        var decisions = context.getBean(Decisions.class);
        var subject = UUID.randomUUID();

        var answer = hospital.call(
                () -> decisions.decide("workflow-test-limit", "refund", subject, Map.of("amountMinor", 10_000L)));
        hospital.call(() -> decisions.decide("workflow-test-limit", "refund", subject, Map.of("amountMinor", 10_000L)));

        assertThat(answer).containsEntry("group", "manager");
        assertThat(hospital.call(() -> decisions.of("refund", subject)))
                .singleElement()
                .satisfies(recorded -> {
                    assertThat(recorded.version()).isPositive();
                    assertThat(recorded.decisionKey()).isPositive();
                    assertThat(recorded.inputs()).containsEntry("amountMinor", 10_000);
                    assertThat(recorded.reason()).isEqualTo("100.00 or more");
                });
    }

    private String operationsPage() {
        return manager().get("/app/operations").body();
    }

    private TestClient manager() {
        return TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
    }

    /** The process is at its second catch event, and what came before does not take it further. */
    private void staysFinishedOnce(String id) {
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(5)).until(() -> workers.finished(id) == 1);
    }

    /** How often a message was sent, more than once if the engine was busy; 0 while it waits. */
    private static int sent(String message, String id) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("""
                        select coalesce(max(attempts), 0) from workflow_outbox
                         where message_name = ? and correlation_key = ? and state = 'sent'
                        """)
                .params(message, id)
                .query(Integer.class)
                .single();
    }

    private String start(String behaviour) {
        return publishNew("workflow.test-requested", behaviour);
    }

    @Test
    void ofMoreThanAHundredTasksTheUrgentOnesComeFirstAndWhatOneHoldsIsNeverMissing() {
        var other = TestHospital.create(context);
        IntStream.range(0, 3).forEach(i -> startTask(other));
        IntStream.range(0, 102).forEach(i -> startTask());
        await().atMost(MANY)
                .until(() -> hospital.call(() -> tasks.open(TaskQuery.all().limit(200))), found -> found.size() == 102);
        startTask(other);
        publishNew("workflow.test-task-requested", "urgent");
        await().atMost(SOON)
                .until(() -> hospital.call(() -> tasks.open(TaskQuery.all().limit(200))), found -> found.size() == 103);
        await().atMost(SOON)
                .until(
                        () -> other.call(() -> tasks.open(TaskQuery.unclaimed(Set.of("billing-manager")))),
                        found -> found.size() == 4);
        assertThat(other.call(() -> tasks.open(
                        TaskQuery.unclaimed(Set.of("billing-manager")).from(3).limit(1))))
                .as("the last of its own, behind a hundred of others")
                .hasSize(1);

        List<HumanTask> first = hospital.call(() -> tasks.open(TaskQuery.unclaimed(Set.of("billing-manager"))));
        List<HumanTask> second = hospital.call(
                () -> tasks.open(TaskQuery.unclaimed(Set.of("billing-manager")).from(100)));
        assertThat(first).hasSize(100);
        assertThat(first.getFirst().priority()).isEqualTo(90);
        assertThat(first.subList(1, 100)).isSortedAccordingTo(Comparator.comparing(HumanTask::createdAt));
        assertThat(second).hasSize(3).doesNotContainAnyElementsOf(first);

        HumanTask last = second.getLast();
        var manager = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        manager.get("/app/inbox");
        assertThat(manager.post("/app/tasks/%d/claim".formatted(last.key()), Map.of())
                        .statusCode())
                .isEqualTo(302);
        await().atMost(SOON)
                .until(
                        () -> hospital.call(
                                () -> tasks.open(TaskQuery.heldBy(hospital.signInName(Role.BILLING_MANAGER)))),
                        held -> held.size() == 1);
        String row = "/app/tasks/%d\"";
        assertThat(manager.get("/app/inbox").body())
                .contains(
                        "All <span>(101+)</span>",
                        "Mine <span>(1)</span>",
                        "Unclaimed <span>(100+)</span>",
                        "Next page")
                .contains(
                        row.formatted(last.key()),
                        row.formatted(first.getFirst().key()));
        assertThat(manager.get("/app/inbox?show=mine").body())
                .contains("Mine <span>(1)</span>", row.formatted(last.key()))
                .doesNotContain("Next page", row.formatted(first.getFirst().key()));
        assertThat(manager.get("/app/inbox?page=2").body())
                .contains("First page", row.formatted(second.getFirst().key()))
                .doesNotContain("Next page", row.formatted(first.getFirst().key()));
        assertThat(manager.get("/app/approvals").body()).contains("More than 100 tasks wait");
    }

    private String startTask() {
        return publishNew("workflow.test-task-requested", "ok");
    }

    private void publish(String message, String id) {
        publish(message, id, "ok");
    }

    private String publishNew(String message, String behaviour) {
        String id = UUID.randomUUID().toString();
        publish(message, id, behaviour);
        return id;
    }

    private void startTask(TestHospital owner) {
        publish(owner, "workflow.test-task-requested", UUID.randomUUID().toString(), "ok");
    }

    private void publish(String message, String id, String behaviour) {
        publish(hospital, message, id, behaviour);
    }

    private void publish(TestHospital owner, String message, String id, String behaviour) {
        owner.run(() -> transactions.executeWithoutResult(
                transaction -> messages.publish(message, id, Map.of("testId", id, "behaviour", behaviour))));
    }

    private void complete(long taskKey, Map<String, ?> variables) {
        hospital.run(() ->
                transactions.executeWithoutResult(transaction -> messages.completeTask(taskKey, "manager", variables)));
    }

    private List<Incident> incidents() {
        return hospital.call(() -> context.getBean(Incidents.class).open());
    }

    private Map<String, Object> outbox(String correlationKey) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("select state, attempts from workflow_outbox where correlation_key = ?")
                .param(correlationKey)
                .query()
                .singleRow();
    }

    private int attemptsOf(String correlationKey) {
        return Integer.parseInt(String.valueOf(outbox(correlationKey).get("attempts")));
    }

    private static void superuser(String sql, String... parameters) {
        JdbcClient.create(TestServices.postgres().superuser())
                .sql(sql)
                .params(List.of(parameters))
                .update();
    }
}
