package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestServices;
import io.remitflow.reconciliation.BankReconciliation.Status;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The process of a bank period on the real engine. */
@RemitflowTest
class BankReconciliationProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    BankReconciliations reconciliations;

    @Autowired
    HumanTasks tasks;

    @Autowired
    ProcessInstances instances;

    @Autowired
    Timeline timeline;

    BankPeriodBooks books;

    @BeforeEach
    void openHospital() {
        books = new BankPeriodBooks(context);
        books.t1();
    }

    @Test
    void aPeriodIsWorkedOnSentBackAndApprovedByAnotherPersonWhereverTheTasksAreDone() {
        UUID id = books.start(books.end());
        HumanTask work = awaitTask(BankReconciliationSteps.WORK, null);
        assertThat(work.candidateGroups()).containsExactly("accounting-staff");

        complete(Role.ACCOUNTING_STAFF, work, Map.of("reconciliationNotes", ""));
        HumanTask again = awaitTask(BankReconciliationSteps.WORK, work);
        assertThat(books.get(id).status()).isEqualTo(Status.DISCREPANCY);
        assertThat(books.get(id).refusalReason()).contains("2 lines of the bank");

        books.explainAll(id);
        complete(Role.BILLING_CLERK, again, Map.of("reconciliationNotes", "Mine"));
        HumanTask third = awaitTask(BankReconciliationSteps.WORK, again);
        assertThat(books.get(id).refusalReason()).contains("permission");

        complete(Role.ACCOUNTING_STAFF, third, Map.of("reconciliationNotes", "The payer is asked"));
        HumanTask approval = awaitTask(BankReconciliationSteps.APPROVE, null);
        assertThat(books.get(id).status()).isEqualTo(Status.BALANCED);
        assertThat(books.get(id).notes()).isEqualTo("The payer is asked");

        complete(Role.ACCOUNTING_STAFF, approval, Map.of("decision", "approve", "comment", ""));
        HumanTask second = awaitTask(BankReconciliationSteps.APPROVE, approval);
        assertThat(books.get(id).status()).isEqualTo(Status.BALANCED);
        assertThat(books.get(id).refusalReason()).contains("cannot approve it");

        complete(Role.CFO, second, Map.of("decision", "reject", "comment", "Which payer?"));
        HumanTask back = awaitTask(BankReconciliationSteps.WORK, third);
        assertThat(books.get(id).refusalReason()).isEqualTo("Which payer?");

        int version = books.get(id).version();
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> reconciliations.complete(id, back.key(), version, "Green Leaf"));
        HumanTask last = awaitTask(BankReconciliationSteps.APPROVE, second);
        int completed = books.get(id).version();
        assertThat(completed).isEqualTo(version + 1);
        books.hospital.runAs(
                Role.CFO, () -> reconciliations.decide(id, new ApprovalDecision(last.key(), completed, true, null)));

        awaitEnd(id);
        assertThat(books.get(id).status()).isEqualTo(Status.COMPLETED);
        assertThat(books.get(id).approvedBy()).isEqualTo(books.hospital.user(Role.CFO));
    }

    @Test
    void anApprovalOfFiguresThatChangedGoesBackAndAReopenedPeriodHasAProcessOfItsOwn() {
        UUID id = books.start(books.end());
        books.explainAll(id);
        HumanTask work = awaitTask(BankReconciliationSteps.WORK, null);
        complete(Role.ACCOUNTING_STAFF, work, Map.of("reconciliationNotes", ""));
        HumanTask approval = awaitTask(BankReconciliationSteps.APPROVE, null);
        books.check(books.day(27), "100126", "10.00");

        complete(Role.CFO, approval, Map.of("decision", "approve", "comment", ""));
        HumanTask back = awaitTask(BankReconciliationSteps.WORK, work);
        assertThat(books.get(id).status()).isEqualTo(Status.DISCREPANCY);
        assertThat(books.get(id).refusalReason()).contains("changed");

        complete(Role.ACCOUNTING_STAFF, back, Map.of("reconciliationNotes", "With the late check"));
        HumanTask anew = awaitTask(BankReconciliationSteps.APPROVE, approval);
        complete(Role.CFO, anew, Map.of("decision", "approve", "comment", ""));
        awaitEnd(id);
        assertThat(books.get(id).version()).isEqualTo(2);

        books.hospital.runAs(Role.ACCOUNTING_STAFF, () -> reconciliations.reopen(id, "A fee was forgotten"));
        HumanTask reopened = awaitTask(BankReconciliationSteps.WORK, back);
        assertThat(reopened.processInstanceKey()).isNotEqualTo(work.processInstanceKey());
        complete(Role.ACCOUNTING_STAFF, reopened, Map.of("reconciliationNotes", ""));
        HumanTask third = awaitTask(BankReconciliationSteps.APPROVE, anew);
        complete(Role.CFO, third, Map.of("decision", "approve", "comment", ""));
        awaitEnd(id);
        assertThat(books.get(id).status()).isEqualTo(Status.COMPLETED);
        assertThat(books.get(id).round()).isEqualTo(2);
    }

    @Test
    void theClockRemindsAndEscalatesToTheCfo() {
        UUID id = books.start(books.end());
        HumanTask work = awaitTask(BankReconciliationSteps.WORK, null);

        TestServices.stack().broker().advance(Duration.ofDays(5).plusHours(1));
        await().atMost(PATIENCE).until(() -> steps(id).contains("Reminder"));
        TestServices.stack().broker().advance(Duration.ofDays(5));

        HumanTask escalated = awaitTask(BankReconciliationSteps.WORK, work);
        assertThat(Set.copyOf(escalated.candidateGroups())).isEqualTo(Set.of("accounting-staff", "cfo"));
        assertThat(steps(id)).contains("Escalated");
    }

    @Test
    void whatIsDoneOnThePageCountsThoughItsTaskIsEscalatedBeforeItArrivesAndNobodyIsAskedAgain() {
        UUID id = books.start(books.end());
        books.explainAll(id);
        awaitTask(BankReconciliationSteps.WORK, null);
        // Their completions find no task, as those that arrive too late.
        int version = books.get(id).version();
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> reconciliations.complete(id, 4_503_599_627_370_495L, version, "Asked"));
        TestServices.stack().broker().advance(Duration.ofDays(10).plusHours(1));

        awaitTask(BankReconciliationSteps.APPROVE, null);
        int completed = books.get(id).version();
        books.hospital.runAs(
                Role.CFO,
                () -> reconciliations.decide(id, new ApprovalDecision(4_503_599_627_370_494L, completed, true, null)));
        TestServices.stack().broker().advance(Duration.ofDays(4).plusHours(1));

        awaitEnd(id);
        assertThat(books.get(id).status()).isEqualTo(Status.COMPLETED);
        assertThat(steps(id)).doesNotContain("Escalated");
    }

    private List<String> steps(UUID id) {
        return books.hospital.call(() -> timeline.of(BankReconciliations.SUBJECT, id)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private void complete(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }

    private HumanTask awaitTask(String element, @Nullable HumanTask before) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> before == null || task.key() > before.key())
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private void awaitEnd(UUID id) {
        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> instances
                        .find(
                                BankReconciliationSteps.PROCESS,
                                reconciliations.get(id).processKey())
                        .map(instance -> instance.endedAt() != null)
                        .orElse(false)));
    }
}
