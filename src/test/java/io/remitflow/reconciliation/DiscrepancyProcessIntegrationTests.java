package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.camunda.client.metrics.MetricsRecorder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyAction;
import io.remitflow.discrepancies.DiscrepancyResolution;
import io.remitflow.discrepancies.DiscrepancyStatus;
import io.remitflow.discrepancies.DiscrepancySteps;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestServices;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The process of a discrepancy and the scheduler of the runs, on the real engine. */
@RemitflowTest
class DiscrepancyProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    Discrepancies discrepancies;

    @Autowired
    ReconciliationRuns runs;

    @Autowired
    Decisions decisions;

    @Autowired
    HumanTasks tasks;

    @Autowired
    ProcessInstances instances;

    GatewayBooks books;

    @BeforeEach
    void openHospital() {
        books = new GatewayBooks(context);
    }

    @Test
    void theRuleSaysWhoseWorkItIsAndHasNoGap() {
        assertThat(triage("MissingInternalRecord", 9_999)).containsEntry("priority", 70);
        assertThat(triage("MissingInternalRecord", 10_000)).containsEntry("priority", 85);
        assertThat(triage("MissingProviderRecord", 0)).containsEntry("dueDays", 3);
        assertThat(triage("MissingProviderRecord", 10_000)).containsEntry("dueDays", 2);
        assertThat(triage("CurrencyMismatch", 1)).containsEntry("dueDays", 1);
        assertThat(triage("AmountMismatch", 999)).containsEntry("priority", 40);
        assertThat(triage("AmountMismatch", 1_000)).containsEntry("priority", 60);
        assertThat(triage("AmountMismatch", 9_999)).containsEntry("priority", 60);
        assertThat(triage("AmountMismatch", 10_000)).containsEntry("priority", 85);
        assertThat(triage("StatusMismatch", 9_999)).containsEntry("priority", 50);
        assertThat(triage("StatusMismatch", 10_000)).containsEntry("priority", 75);
        assertThat(triage("DuplicateChargeSuspected", 5)).containsEntry("ownerGroup", "billing-manager");
        assertThat(triage("SomethingNew", 5)).containsEntry("ownerGroup", "cfo");
    }

    @Test
    void theRuleKnowsWhatAnAmountIsWorthAndGivesOneItCannotTellToTheCfo() {
        assertThat(triage("MissingInternalRecord", 10_000, "VND"))
                .containsEntry("priority", 70)
                .containsEntry("ownerGroup", "billing-manager");
        assertThat(triage("MissingInternalRecord", 2_499_999, "VND")).containsEntry("priority", 70);
        assertThat(triage("MissingInternalRecord", 2_500_000, "VND")).containsEntry("priority", 85);
        assertThat(triage("AmountMismatch", 249_999, "VND")).containsEntry("priority", 40);
        assertThat(triage("AmountMismatch", 250_000, "VND")).containsEntry("priority", 60);
        assertThat(triage("AmountMismatch", 10_000, "EUR")).containsEntry("priority", 85);
        assertThat(triage("StatusMismatch", 10_000, "JPY"))
                .containsEntry("priority", 90)
                .containsEntry("ownerGroup", "cfo");
        assertThat(triage("CurrencyMismatch", 10_000, "JPY")).containsEntry("ownerGroup", "billing-manager");
    }

    @Test
    void whatGrowsIsTriagedAgainAndStaysWithItsOwner() {
        books.paid("ch_1", "120.00");
        books.charged("ch_1", "119.00");
        books.run();
        Discrepancy found = books.only();
        HumanTask task = awaitTask(null);
        UserId owner = books.hospital.user(Role.BILLING_MANAGER);
        books.hospital.runAs(Role.CFO, () -> discrepancies.assign(found.id(), owner));
        var before = Objects.requireNonNull(get(found).triage());
        assertThat(before.priority()).isEqualTo(40);

        books.charged("ch_1", "5.00", "usd", "succeeded", 0, books.noon().plusSeconds(60), null);
        books.run();

        HumanTask again = awaitTask(task);
        assertThat(get(found).triage()).satisfies(after -> {
            assertThat(Objects.requireNonNull(after).priority()).isEqualTo(85);
            assertThat(after.dueAt()).isBefore(before.dueAt());
        });
        assertThat(again.processInstanceKey()).isEqualTo(task.processInstanceKey());
        await().atMost(PATIENCE)
                .until(
                        () -> open().stream().map(HumanTask::assignee).toList(),
                        List.of(books.hospital.signInName(Role.BILLING_MANAGER))::equals);
        assertThat(actions(found)).containsExactly("opened", "triaged", "assigned", "changed", "triaged");

        books.charged("ch_1", "120.00", "usd", "succeeded", 0, books.noon().plusSeconds(120), null);
        books.run();
        awaitEnd(found);
    }

    @Test
    void aResolutionFromTasklistCountsOnlyIfThePersonMayAndTheAnswerIsSound() {
        Discrepancy found = find();
        HumanTask task = awaitTask(null);
        assertThat(task.candidateGroups()).containsExactlyInAnyOrder("billing-manager", "cfo");
        assertThat(get(found).triage()).isNotNull();

        complete(Role.BILLING_CLERK, task, Map.of("resolution", "explained", "comment", "It is fine"));
        HumanTask second = awaitTask(task);
        assertThat(get(found).refusalReason()).contains("permission");
        complete(Role.CFO, second, Map.of("resolution", "corrected", "comment", "Corrected", "adjustmentNumber", "X"));
        HumanTask third = awaitTask(second);
        assertThat(get(found).refusalReason()).contains("posted");
        complete(Role.CFO, third, Map.of("resolution", "explained", "comment", "A test charge of ours"));

        awaitEnd(found);
        var resolved = Objects.requireNonNull(get(found).resolved());
        assertThat(resolved.resolution()).isEqualTo(DiscrepancyResolution.EXPLAINED);
        assertThat(resolved.reason()).isEqualTo("A test charge of ours");
        assertThat(resolved.by()).isEqualTo(books.hospital.user(Role.CFO));
        assertThat(actions(found)).containsExactly("opened", "triaged", "refused", "refused", "resolved");
    }

    @Test
    void whatIsDoneThroughTheApiReachesTheProcessAndReopeningStartsAnotherOne() {
        Discrepancy found = find();
        HumanTask task = awaitTask(null);
        UserId owner = books.hospital.user(Role.BILLING_MANAGER);

        books.hospital.runAs(Role.CFO, () -> {
            discrepancies.acknowledge(found.id());
            discrepancies.assign(found.id(), owner);
        });
        await().atMost(PATIENCE)
                .until(
                        () -> open().stream().map(HumanTask::assignee).toList(),
                        List.of(books.hospital.signInName(Role.BILLING_MANAGER))::equals);
        books.hospital.runAs(Role.CFO, () -> discrepancies.assign(found.id(), null));
        await().atMost(PATIENCE)
                .until(() -> open().stream().allMatch(one -> one.assignee() == null) && !open().isEmpty());

        books.hospital.runAs(
                Role.CFO, () -> discrepancies.resolve(found.id(), DiscrepancyResolution.EXPLAINED, "Known", null));
        awaitEnd(found);
        await().atMost(PATIENCE).until(() -> open().isEmpty());

        books.hospital.runAs(Role.CFO, () -> discrepancies.reopen(found.id(), "Not known after all"));
        HumanTask again = awaitTask(task);
        assertThat(get(found).round()).isEqualTo(2);
        assertThat(again.processInstanceKey()).isNotEqualTo(task.processInstanceKey());
    }

    @Test
    void aLaterRunThatFindsTheRecordsAgreeingEndsTheProcess() {
        Discrepancy found = find();
        awaitTask(null);

        books.paid(books.account(), "ch_1", "20.00", books.day());
        books.run();

        awaitEnd(found);
        assertThat(get(found).status()).isEqualTo(DiscrepancyStatus.RESOLVED);
        await().atMost(PATIENCE).until(() -> open().isEmpty());
    }

    @Test
    void theClockRemindsAndEscalatesToTheCfoWithANewDeadline() {
        books.paid("ch_1", "20.00");
        books.charged("ch_1", "20.00", "eur", "succeeded", 0, books.noon(), null);
        books.run();
        Discrepancy found = books.only();
        HumanTask task = awaitTask(null);
        var before = Objects.requireNonNull(get(found).triage());
        UserId owner = books.hospital.user(Role.CFO);
        books.hospital.runAs(Role.BILLING_MANAGER, () -> discrepancies.assign(found.id(), owner));

        advance(Duration.ofHours(13));
        await().atMost(PATIENCE).until(() -> actions(found).contains("reminded"));
        assertThat(actions(found)).doesNotContain("escalated");
        advance(Duration.ofHours(12));

        HumanTask escalated = awaitTask(task);
        assertThat(escalated.candidateGroups()).containsExactly("cfo");
        assertThat(get(found).escalatedAt()).isNotNull();
        assertThat(get(found).triage()).satisfies(after -> {
            assertThat(Objects.requireNonNull(after).ownerGroup()).isEqualTo("cfo");
            assertThat(after.priority()).isEqualTo(95);
            assertThat(after.dueAt()).isNotEqualTo(before.dueAt());
        });
        await().atMost(PATIENCE)
                .until(
                        () -> open().stream().map(HumanTask::assignee).toList(),
                        List.of(books.hospital.signInName(Role.CFO))::equals);
        assertThat(actions(found)).containsExactly("opened", "triaged", "assigned", "reminded", "escalated");
    }

    /** Every hospital of the tests lies in one zone; where its night is not far enough yet, nothing is due. */
    @Test
    void theSchedulerReconcilesYesterdayOfEveryHospitalThatIsDueAndOnlyOnce() {
        LocalDate yesterday = books.day().plusDays(2);
        assumeThat(Instant.now()).isAfter(books.at(yesterday.plusDays(1), 2, 0));

        advance(Duration.ofHours(1));
        await().atMost(PATIENCE).until(() -> !scheduled().isEmpty());
        advance(Duration.ofHours(1));
        var other = new GatewayBooks(context);
        advance(Duration.ofHours(1));
        await().atMost(PATIENCE)
                .until(() -> !other.hospital.call(() -> runs.list(null, 5)).isEmpty());

        assertThat(scheduled()).singleElement().satisfies(run -> {
            assertThat(run.period()).isEqualTo(Period.of(yesterday));
            assertThat(run.trigger()).isEqualTo(Trigger.SCHEDULE);
            assertThat(run.runs()).isEqualTo(1);
        });
    }

    /** Otherwise each test that moves the engine's clock would have every hospital looked at once for every hour. */
    @Test
    void aJumpOfTheEnginesClockCallsTheSchedulerOnceAndNotForEveryHour() {
        double before = calls();

        advance(Duration.ofHours(12));
        await().atMost(PATIENCE).until(() -> calls() > before);
        advance(Duration.ofHours(1));
        await().atMost(PATIENCE).until(() -> calls() > before + 1);

        assertThat(calls())
                .as("one more if an hour of the wall passes meanwhile")
                .isLessThan(before + 4);
    }

    private double calls() {
        return context
                .getBean(MeterRegistry.class)
                .find(MetricsRecorder.METRIC_NAME_JOB)
                .tags("type", "reconciliation.run-daily", "action", MetricsRecorder.ACTION_COMPLETED)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private List<ReconciliationRun> scheduled() {
        return books.hospital.call(() -> runs.list(null, 5));
    }

    private Discrepancy find() {
        books.charged("ch_1", "20.00");
        books.run();
        return books.only();
    }

    private Map<String, Object> triage(String type, long amountMinor) {
        return triage(type, amountMinor, "USD");
    }

    private Map<String, Object> triage(String type, long amountMinor, String currency) {
        return books.hospital.call(() -> decisions.decide(
                "discrepancy-triage",
                "test",
                UUID.randomUUID(),
                Map.of("discrepancyType", type, "amountMinor", amountMinor, "currency", currency)));
    }

    private Discrepancy get(Discrepancy found) {
        return books.hospital.call(() -> discrepancies.get(found.id()));
    }

    private List<String> actions(Discrepancy found) {
        return books.hospital.call(() -> discrepancies.actions(found.id())).stream()
                .map(DiscrepancyAction::action)
                .toList();
    }

    private void complete(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }

    private List<HumanTask> open() {
        return books.hospital.call(() -> tasks.open(TaskQuery.all().at(DiscrepancySteps.WORK)));
    }

    private HumanTask awaitTask(@Nullable HumanTask before) {
        return await().atMost(PATIENCE)
                .until(
                        () -> open().stream()
                                .filter(task -> before == null || task.key() != before.key())
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private void awaitEnd(Discrepancy found) {
        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> instances
                        .find(DiscrepancySteps.PROCESS, found.caseKey())
                        .map(instance -> instance.endedAt() != null)
                        .orElse(false)));
    }

    private static void advance(Duration time) {
        TestServices.stack().broker().advance(time);
    }
}
