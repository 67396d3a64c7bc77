package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestServices;
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
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Packets and checks through the real engine, decided on our page and in Tasklist. */
@RemitflowTest
class CheckReviewProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    HumanTasks tasks;

    @Autowired
    ProcessInstances instances;

    @Autowired
    List<TaskPage> pages;

    CheckBooks books;
    UUID rye;

    @BeforeEach
    void openHospital() {
        books = new CheckBooks(context);
        books.hospital.user(Role.BILLING_MANAGER);
        rye = books.facility("The Enclave at Rye");
        books.payer("The Enclave", rye);
    }

    @Test
    void aPacketIsReadAndItsChecksAreConfirmedOnOurPageSentBackAndRejectedInTasklist() {
        UUID invoice = books.invoice(rye, 5, "100.00");
        UUID packet = Objects.requireNonNull(
                books.receive(books.packet("1", "The Enclave", "100.00", "One hundred and 00/100")
                                .check("2", books.today(), "The Enclave", "50.00", "Fifty and 00/100")
                                .digital())
                        .packetId());
        await().atMost(PATIENCE)
                .until(() -> books.as(() -> books.bean(Checks.class).ofPacket(packet))
                                .size()
                        == 2);
        var checks = books.as(() -> books.bean(Checks.class).ofPacket(packet));
        UUID ours = checks.get(0).id();
        UUID theirs = checks.get(1).id();

        HumanTask task = awaitTask(ours, CheckReviewSteps.REVIEW, -1);
        assertThat(task.candidateGroups()).containsExactly("billing-manager");
        assertThat(task.dueAt()).isNotNull();
        assertThat(pages.stream()
                        .filter(page -> page.processId().equals(CheckReviewSteps.PROCESS)
                                && page.elementId().equals(task.elementId()))
                        .map(page -> page.href(task)))
                .containsExactly("/app/checks/" + ours);
        books.confirm(ours);
        awaitEnded(ours);
        assertThat(books.status(invoice)).isEqualTo("paid");

        HumanTask first = awaitTask(theirs, CheckReviewSteps.REVIEW, -1);
        completeInTasklist(Role.BILLING_CLERK, first, Map.of("decision", "reject", "comment", "No"));
        HumanTask second = awaitTask(theirs, CheckReviewSteps.REVIEW, first.key());
        assertThat(books.check(theirs).refusalReason()).contains("permission");
        completeInTasklist(Role.BILLING_MANAGER, second, Map.of("decision", "send-back", "comment", "Scan it again"));
        HumanTask correction = awaitTask(theirs, CheckReviewSteps.CORRECT, -1);
        assertThat(correction.candidateGroups()).contains("billing-clerk");
        completeInTasklist(Role.BILLING_CLERK, correction, Map.of("correction", "done"));
        HumanTask third = awaitTask(theirs, CheckReviewSteps.REVIEW, second.key());
        completeInTasklist(Role.BILLING_MANAGER, third, Map.of("decision", "reject", "comment", "Not for us"));
        awaitEnded(theirs);
        assertThat(books.check(theirs).status()).isEqualTo(CheckStatus.REJECTED);
    }

    @Test
    void aSuspectedDuplicateIsDecidedBeforeItIsReviewed() {
        var first = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        var second = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .check("8", books.today(), "Somebody", "1.00", "One and 00/100")
                        .digital())
                .getFirst();
        awaitTask(first.id(), CheckReviewSteps.REVIEW, -1);
        HumanTask task = awaitTask(second.id(), CheckReviewSteps.DECIDE_DUPLICATE, -1);

        completeInTasklist(Role.BILLING_MANAGER, task, Map.of("duplicateReason", "No choice was made"));
        HumanTask again = awaitTask(second.id(), CheckReviewSteps.DECIDE_DUPLICATE, task.key());
        assertThat(books.check(second.id()).isSuspectedDuplicate()).isTrue();
        assertThat(again.variables())
                .extractingByKey("refusalReason")
                .asString()
                .contains("the same check");
        completeInTasklist(
                Role.BILLING_MANAGER, again, Map.of("duplicateChoice", "another", "duplicateReason", "Two of them"));

        awaitTask(second.id(), CheckReviewSteps.REVIEW, -1);
        books.run(() -> books.bean(Checks.class).reject(second.id(), "After all"));
        awaitEnded(second.id());
    }

    @Test
    void aCheckThatBecomesLikeAnotherOneDuringItsReviewIsAskedAboutBeforeItGoesOn() {
        books.invoice(rye, 5, "300.00");
        var earlier = books.staged(books.packet("7", "The Enclave", "10.00", "Ten and 00/100")
                        .digital())
                .getFirst();
        var later = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        HumanTask review = awaitTask(later.id(), CheckReviewSteps.REVIEW, -1);

        books.as(() -> books.bean(Checks.class)
                .change(earlier.id(), earlier.version(), CheckFields.of(earlier).withAmount(CheckBooks.usd("100.00"))));

        awaitTask(later.id(), CheckReviewSteps.DECIDE_DUPLICATE, -1);
        books.run(() -> books.bean(Checks.class).decideDuplicate(later.id(), false, "Two of them"));
        awaitTask(later.id(), CheckReviewSteps.REVIEW, review.key());
        books.confirm(later.id());
        awaitEnded(later.id());
    }

    @Test
    void aConfirmationInTasklistOfACheckThatIsLikeAnotherOneLeadsToTheQuestionWhetherItIsTheSame() {
        books.invoice(rye, 5, "300.00");
        var earlier = books.staged(books.packet("7", "The Enclave", "10.00", "Ten and 00/100")
                        .digital())
                .getFirst();
        var later = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        HumanTask review = awaitTask(later.id(), CheckReviewSteps.REVIEW, -1);
        // As if it had been staged in the same moment: nobody compared the two.
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update check_payments set amount = 10000 where id = :id")
                .param("id", earlier.id())
                .update();

        completeInTasklist(
                Role.BILLING_MANAGER, review, Map.of("decision", "confirm", "comment", "", "doubtsSeen", true));

        HumanTask question = awaitTask(later.id(), CheckReviewSteps.DECIDE_DUPLICATE, -1);
        assertThat(books.check(later.id()).status()).isEqualTo(CheckStatus.NEEDS_REVIEW);
        completeInTasklist(
                Role.BILLING_MANAGER, question, Map.of("duplicateChoice", "same", "duplicateReason", "Sent twice"));
        awaitEnded(later.id());
        assertThat(books.check(later.id()).status()).isEqualTo(CheckStatus.REJECTED);
        books.run(() -> books.bean(Checks.class).reject(earlier.id(), "After all"));
    }

    @Test
    void anAmountThatWasCorrectedAfterTheTaskWasMadeIsShownBeforeItIsBooked() {
        UUID invoice = books.invoice(rye, 5, "300.00");
        var check = books.staged(books.packet("11", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        HumanTask before = awaitTask(check.id(), CheckReviewSteps.REVIEW, -1);
        assertThat(before.variables()).containsEntry("amountText", "100.00 USD");
        books.as(() -> books.bean(Checks.class)
                .change(check.id(), check.version(), CheckFields.of(check).withAmount(CheckBooks.usd("300.00"))));

        completeInTasklist(
                Role.BILLING_MANAGER, before, Map.of("decision", "confirm", "comment", "", "doubtsSeen", true));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> "300.00 USD"
                        .equals(awaitTask(check.id(), CheckReviewSteps.REVIEW, before.key())
                                .variables()
                                .get("amountText")));
        HumanTask after = awaitTask(check.id(), CheckReviewSteps.REVIEW, before.key());
        assertThat(books.check(check.id()).status()).isEqualTo(CheckStatus.NEEDS_REVIEW);
        assertThat(after.variables())
                .extractingByKey("refusalReason")
                .asString()
                .contains("somebody changed");
        completeInTasklist(
                Role.BILLING_MANAGER, after, Map.of("decision", "confirm", "comment", "", "doubtsSeen", true));
        awaitEnded(check.id());
        assertThat(books.status(invoice)).isEqualTo("paid");
    }

    @Test
    void whoeverDoesNotReviewInTimeIsRemindedAndThenTheCfoIsAsked() {
        var check = books.staged(books.packet("9", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        HumanTask task = awaitTask(check.id(), CheckReviewSteps.REVIEW, -1);

        strikeUntil(check.id(), "Reminder");
        strikeUntil(check.id(), "Escalated");
        HumanTask escalated = awaitTask(check.id(), CheckReviewSteps.REVIEW, task.key());

        assertThat(escalated.candidateGroups()).containsExactly("cfo");
        books.hospital.runAs(Role.CFO, () -> books.bean(Checks.class).reject(check.id(), "Nobody knows it"));
        awaitEnded(check.id());
    }

    @Test
    void whoeverDoesNotDecideAboutADuplicateInTimeIsRemindedAndThenTheCfoIsAsked() {
        UUID check = suspected("12");
        HumanTask task = awaitTask(check, CheckReviewSteps.DECIDE_DUPLICATE, -1);
        assertThat(task.candidateGroups()).containsExactly("billing-manager");
        assertThat(task.dueAt()).isNotNull();

        strikeUntil(check, "Reminder");
        strikeUntil(check, "Escalated");
        HumanTask escalated = awaitTask(check, CheckReviewSteps.DECIDE_DUPLICATE, task.key());

        assertThat(escalated.candidateGroups()).containsExactly("cfo");
        books.hospital.runAs(Role.CFO, () -> books.bean(Checks.class).decideDuplicate(check, true, "Sent twice"));
        awaitEnded(check);
    }

    @Test
    void anEscalationDoesNotAskAgainWhatWasDecidedAboutADuplicate() {
        UUID check = suspected("13");
        HumanTask task = awaitTask(check, CheckReviewSteps.DECIDE_DUPLICATE, -1);
        // As if the message about it could not be published yet.
        JdbcClient.create(TestServices.postgres().superuser())
                .sql(
                        "update check_payments set duplicate_decision = 'another', duplicate_reason = 'Two' where id = :id")
                .param("id", check)
                .update();

        TestServices.stack().broker().advance(Duration.ofDays(5));
        awaitTask(check, CheckReviewSteps.REVIEW, task.key());

        assertThat(steps(check)).doesNotContain("Reminder", "Escalated");
        books.run(() -> books.bean(Checks.class).reject(check, "After all"));
        awaitEnded(check);
    }

    @Test
    void anEscalationDoesNotAskAgainWhatWasDecidedInAReview() {
        UUID check = books.staged(books.packet("14", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst()
                .id();
        HumanTask task = awaitTask(check, CheckReviewSteps.REVIEW, -1);
        // In Tasklist it is noted without a message: as if the message about it could not be published yet.
        books.run(() -> books.bean(Checks.class).noteSentBack(check, "Scan it again"));

        TestServices.stack().broker().advance(Duration.ofDays(5));
        awaitTask(check, CheckReviewSteps.CORRECT, task.key());

        assertThat(steps(check)).doesNotContain("Reminder", "Escalated");
        books.run(() -> books.bean(Checks.class).reject(check, "After all"));
        awaitEnded(check);
    }

    @Test
    void ofACheckThatNobodyCorrectsInTimeSomebodyIsRemindedAndThenManagerAndCfoSeeItToo() {
        UUID check = sentBack("15");
        HumanTask task = awaitTask(check, CheckReviewSteps.CORRECT, -1);
        assertThat(task.candidateGroups()).containsExactlyInAnyOrder("billing-clerk", "billing-manager");
        assertThat(task.dueAt()).isNotNull();

        strikeUntil(check, "Reminder");
        strikeUntil(check, "Escalated");
        HumanTask escalated = awaitTask(check, CheckReviewSteps.CORRECT, task.key());

        assertThat(escalated.candidateGroups()).containsExactlyInAnyOrder("billing-clerk", "billing-manager", "cfo");
        books.hospital.runAs(Role.BILLING_CLERK, () -> books.bean(Checks.class).corrected(check));
        awaitTask(check, CheckReviewSteps.REVIEW, task.key());
        books.run(() -> books.bean(Checks.class).reject(check, "After all"));
        awaitEnded(check);
    }

    @Test
    void anEscalationDoesNotAskAgainForWhatIsCorrected() {
        UUID check = sentBack("16");
        HumanTask task = awaitTask(check, CheckReviewSteps.CORRECT, -1);
        books.run(() -> books.bean(Checks.class).noteCorrected(check));

        TestServices.stack().broker().advance(Duration.ofDays(3));
        awaitTask(check, CheckReviewSteps.REVIEW, task.key());

        assertThat(steps(check)).doesNotContain("Reminder", "Escalated");
        books.run(() -> books.bean(Checks.class).reject(check, "After all"));
        awaitEnded(check);
    }

    @Test
    void aCheckThatIsSentBackAgainBeforeTheProcessHearsOfItsCorrectionIsAskedForAgain() {
        UUID check = sentBack("17");
        HumanTask task = awaitTask(check, CheckReviewSteps.CORRECT, -1);

        books.run(() -> books.bean(TransactionTemplate.class).executeWithoutResult(status -> {
            books.bean(Checks.class).corrected(check);
            books.bean(Checks.class).noteSentBack(check, "It is still dark");
        }));

        awaitTask(check, CheckReviewSteps.CORRECT, task.key());
        books.run(() -> books.bean(Checks.class).reject(check, "After all"));
        awaitEnded(check);
    }

    private UUID suspected(String number) {
        books.staged(books.packet(number, "The Enclave", "100.00", "One hundred and 00/100")
                .digital());
        return books.staged(books.packet(number, "The Enclave", "100.00", "One hundred and 00/100")
                        .check(number + "9", books.today(), "Somebody", "1.00", "One and 00/100")
                        .digital())
                .getFirst()
                .id();
    }

    private UUID sentBack(String number) {
        UUID check = books.staged(books.packet(number, "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst()
                .id();
        books.run(() -> books.bean(Checks.class).sendBack(check, "Scan it again"));
        return check;
    }

    private void strikeUntil(UUID check, String step) {
        for (int day = 0; day < 6 && !steps(check).contains(step); day++) {
            TestServices.stack().broker().advance(Duration.ofHours(25));
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (!steps(check).contains(step) && System.nanoTime() < end) {
                await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            }
        }
        assertThat(steps(check)).contains(step);
    }

    private List<String> steps(UUID check) {
        return books.as(() -> books.bean(Timeline.class).of(Checks.SUBJECT, check)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private void awaitEnded(UUID check) {
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> instances.find(CheckReviewSteps.PROCESS, check.toString()))
                        .filter(instance -> instance.endedAt() != null)
                        .isPresent());
    }

    private HumanTask awaitTask(UUID check, String element, long otherThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> task.key() > otherThan)
                                .flatMap(task -> books.hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task ->
                                        check.toString().equals(task.variables().get("checkId")))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private void completeInTasklist(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }
}
