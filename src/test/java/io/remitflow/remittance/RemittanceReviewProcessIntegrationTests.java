package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyFilter;
import io.remitflow.discrepancies.DiscrepancySteps;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Role;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestServices;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskPage;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The review of a remittance through the real engine, decided on our page and in Tasklist. */
@RemitflowTest
class RemittanceReviewProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    Remittances remittances;

    @Autowired
    RemittanceReviews reviews;

    @Autowired
    RemittancePreviews previews;

    @Autowired
    HumanTasks tasks;

    @Autowired
    Decisions decisions;

    @Autowired
    ProcessInstances instances;

    @Autowired
    List<TaskPage> pages;

    RemittanceBooks books;

    @BeforeEach
    void openHospital() {
        books = new RemittanceBooks(context).claim("C1", "100.00").claim("C2", "100.00");
        books.hospital.user(Role.BILLING_MANAGER);
    }

    @Test
    void approvedInOurInboxAndInTasklistRejectedAndSentBackToWhoeverUploadedIt() {
        UUID ours = lookFirst("T1", "C1");
        UUID theirs = lookFirst("T2", "C2");

        HumanTask task = awaitTask(ours, -1);
        assertThat(task.candidateGroups()).containsExactly("billing-manager");
        assertThat(pages.stream()
                        .filter(page -> page.processId().equals(RemittanceReviewSteps.PROCESS)
                                && page.elementId().equals(task.elementId()))
                        .map(page -> page.href(task)))
                .containsExactly("/app/remittances/%s/preview?task=%d".formatted(ours, task.key()));
        RemittancePreview preview = books.hospital.call(() -> previews.of(ours));
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> reviews.decide(ours, new ApprovalDecision(task.key(), 1, true, "As it should be")));
        awaitState(ours, RemittanceState.POSTED);
        assertThat(books.insuranceBalance("C1"))
                .isEqualTo(preview.patients().getFirst().insuranceAfter());
        books.hospital.run(() -> assertThat(decisions.of(RemittanceReviews.SUBJECT, ours))
                .singleElement()
                .satisfies(decision -> assertThat(decision.decisionId()).isEqualTo("remittance-review")));

        HumanTask first = awaitTask(theirs, -1);
        completeInTasklist(Role.BILLING_CLERK, first, Map.of("decision", "approve"));
        HumanTask second = awaitTask(theirs, first.key());
        assertThat(books.hospital.call(() -> reviews.get(theirs)).refusalReason())
                .contains("cannot approve it");
        completeInTasklist(Role.BILLING_MANAGER, second, Map.of("decision", "reject", "comment", "Not ours"));
        awaitState(theirs, RemittanceState.REJECTED);
        assertThat(books.insuranceBalance("C2")).isEqualTo(RemittanceBooks.usd("100.00"));
        assertThat(books.hospital.call(() -> reviews.approvalsOf(theirs)))
                .extracting(Approval::source)
                .containsExactly("tasklist");
        for (UUID remittance : List.of(ours, theirs)) {
            await().atMost(PATIENCE)
                    .until(() -> books.hospital
                            .call(() -> instances.find(RemittanceReviewSteps.PROCESS, remittance.toString()))
                            .filter(instance -> instance.endedAt() != null)
                            .isPresent());
        }
    }

    /** The payment posted, and what came later of it with other content. */
    @Test
    void c8_anotherContentOfAPostedPaymentIsDecidedByWhoMayAndLookedAtAgainOnlyWithAnApproval() {
        books.receive(text("T5", "C1"));
        UUID conflict = books.receive(text("T5", "C2")).remittances().getFirst().id();

        HumanTask first = awaitTask(conflict, RemittanceReviewSteps.DECIDE_CONFLICT, -1);
        assertThat(first.candidateGroups()).containsExactly("billing-manager");
        completeInTasklist(
                Role.BILLING_CLERK, first, Map.of("conflictChoice", "another-payment", "conflictReason", "So"));
        HumanTask second = awaitTask(conflict, RemittanceReviewSteps.DECIDE_CONFLICT, first.key());
        assertThat(books.hospital.call(() -> reviews.get(conflict)).refusalReason())
                .contains("permission");
        completeInTasklist(
                Role.BILLING_MANAGER, second, Map.of("conflictChoice", "resend", "conflictReason", "Sent again"));
        awaitState(conflict, RemittanceState.REJECTED);
        awaitEnded(conflict);

        books.hospital.runAs(Role.BILLING_CLERK, () -> reviews.reopen(conflict, "The payer says it is another one"));
        HumanTask third = awaitTask(conflict, RemittanceReviewSteps.DECIDE_CONFLICT, second.key());
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> books.bean(RemittanceConflicts.class)
                        .decide(conflict, third.key(), ConflictChoice.ANOTHER_PAYMENT, "Confirmed by the payer"));
        HumanTask approval = awaitTask(conflict, RemittanceReviewSteps.APPROVE, -1);
        assertThat(books.insuranceBalance("C2")).isEqualTo(RemittanceBooks.usd("100.00"));
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> reviews.decide(conflict, new ApprovalDecision(approval.key(), 2, true, null)));
        awaitState(conflict, RemittanceState.POSTED);
        awaitEnded(conflict);
    }

    @Test
    void v8_aWhollyHeldRemittanceIsACaseWithAnOwnerAndADeadlineUntilACorrectedOneIsPosted() {
        UUID held = books.receive(EraText.of("T7", "60.01", """
                        CLP*C1*1*100*60*20*12*ICN1
                        SVC*HC:99213*100*60**1
                        CAS*CO*45*20
                        CAS*PR*2*20
                        """))
                .remittances()
                .getFirst()
                .id();
        Discrepancy opened = caseOf(held);
        assertThat(opened.type()).isEqualTo(DiscrepancyType.MISSING_INTERNAL_RECORD);
        assertThat(opened.difference()).isEqualTo(RemittanceBooks.usd("60.01"));
        HumanTask task = await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(DiscrepancySteps.WORK)))
                                .stream()
                                .flatMap(each -> books.hospital.call(() -> tasks.find(each.key())).stream())
                                .filter(each -> opened.id()
                                        .toString()
                                        .equals(each.variables().get("discrepancyId")))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
        // Other tests move the clock of the engine beyond its deadline: then the CFO is asked too.
        assertThat(task.candidateGroups()).contains("billing-manager");
        assertThat(caseOf(held).triage()).isNotNull();
        assertThat(task.dueAt()).isNotNull();

        books.receive(text("T7", "C1"));

        assertThat(caseOf(held).resolved())
                .satisfies(resolved -> assertThat(resolved.reason()).contains("is posted"));
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> instances.find(DiscrepancySteps.PROCESS, opened.caseKey()))
                        .filter(instance -> instance.endedAt() != null)
                        .isPresent());
    }

    private Discrepancy caseOf(UUID remittance) {
        return books.hospital.call(() -> books.bean(Discrepancies.class).list(DiscrepancyFilter.all())).stream()
                .filter(each -> each.subjectKey().equals(remittance.toString()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoeverDoesNotApproveInTimeIsRemindedAndThenTheCfoIsAsked() {
        UUID waiting = lookFirst("T6", "C1");
        HumanTask task = awaitTask(waiting, -1);

        strikeUntil(waiting, "Reminder");
        assertThat(awaitTask(waiting, -1).key()).as("the task stays").isEqualTo(task.key());
        strikeUntil(waiting, "Escalated");
        HumanTask escalated = awaitTask(waiting, task.key());
        assertThat(escalated.candidateGroups()).containsExactly("cfo");

        books.hospital.runAs(
                Role.CFO, () -> reviews.decide(waiting, new ApprovalDecision(escalated.key(), 1, true, null)));
        awaitState(waiting, RemittanceState.POSTED);
    }

    @Test
    void anApprovalWhoseTaskIsEscalatedBeforeItArrivesIsPostedAndTheCfoIsNotAsked() {
        UUID waiting = lookFirst("T8", "C1");
        HumanTask task = awaitTask(waiting, -1);
        // Its completion finds no task, as one that arrives after the timer.
        books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> reviews.decide(waiting, new ApprovalDecision(4_503_599_627_370_495L, 1, true, null)));
        assertThat(books.hospital.call(() -> reviews.get(waiting)).approved()).isTrue();

        strikeUntil(() -> books.hospital.call(() -> reviews.get(waiting)).state() == RemittanceState.POSTED);

        assertThat(steps(waiting)).doesNotContain("Escalated");
        awaitEnded(waiting);
        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> tasks.find(task.key())).isEmpty());
    }

    /** A day at a time: the rule gives one day, and the CFO another. The timer may not be set yet when the first one ends. */
    private void strikeUntil(UUID remittance, String step) {
        strikeUntil(() -> steps(remittance).contains(step));
    }

    private void strikeUntil(BooleanSupplier struck) {
        for (int day = 0; day < 4 && !struck.getAsBoolean(); day++) {
            TestServices.stack().broker().advance(Duration.ofHours(25));
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (!struck.getAsBoolean() && System.nanoTime() < end) {
                await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            }
        }
        assertThat(struck.getAsBoolean()).isTrue();
    }

    private List<String> steps(UUID remittance) {
        return books.hospital.call(() -> books.bean(Timeline.class).of(RemittanceReviews.SUBJECT, remittance)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private void awaitEnded(UUID remittance) {
        String key = books.hospital.call(() -> reviews.get(remittance)).processKey();
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> instances.find(RemittanceReviewSteps.PROCESS, key))
                        .filter(instance -> instance.endedAt() != null)
                        .isPresent());
    }

    private static EraText text(String trace, String claim) {
        return EraText.of(trace, "60", """
                        CLP*%s*1*100*60*20*12*ICN%s
                        SVC*HC:99213*100*60**1
                        CAS*CO*45*20
                        CAS*PR*2*20
                        """.formatted(claim, claim));
    }

    private UUID lookFirst(String trace, String claim) {
        var id = new UUID[1];
        books.hospital.run(() -> CurrentUser.run(
                books.hospital.user(Role.BILLING_CLERK),
                () -> id[0] = remittances
                        .receive("era-upload" + Remittances.LOOK_FIRST, "remit.835", text(trace, claim).stream())
                        .remittances()
                        .getFirst()
                        .id()));
        return id[0];
    }

    private HumanTask awaitTask(UUID remittance, long otherThan) {
        return awaitTask(remittance, RemittanceReviewSteps.APPROVE, otherThan);
    }

    private HumanTask awaitTask(UUID remittance, String element, long otherThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> task.key() > otherThan)
                                .flatMap(task -> books.hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task -> remittance
                                        .toString()
                                        .equals(task.variables().get("remittanceId")))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private void awaitState(UUID remittance, RemittanceState state) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(books.hospital
                                .call(() -> reviews.get(remittance))
                                .state())
                        .isEqualTo(state));
    }

    private void completeInTasklist(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }
}
