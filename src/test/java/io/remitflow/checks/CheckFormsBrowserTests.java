package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TasklistDesk;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskQuery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Each task of checks, done in the real Tasklist with its form. */
@RemitflowTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class CheckFormsBrowserTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String WHY = "Why, if it is not confirmed (no names)";

    @Autowired
    ApplicationContext context;

    @Autowired
    HumanTasks tasks;

    LocalBrowser browser;
    CheckBooks books;
    TasklistDesk desk;

    @BeforeEach
    void open() {
        browser = LocalBrowser.open();
        books = new CheckBooks(context);
        books.hospital.user(Role.BILLING_MANAGER);
        desk = new TasklistDesk(browser, books.hospital);
    }

    @AfterEach
    void leave(TestInfo test) {
        browser.dismissVisitors(
                Path.of("target/browser-tests"),
                test.getTestMethod().orElseThrow().getName());
        browser.close();
    }

    @Test
    void aSuspectedDuplicateIsAnotherCheckIsSentBackCorrectedAndConfirmed() {
        UUID rye = books.facility("The Enclave at Rye");
        books.payer("The Enclave", rye);
        UUID invoice = books.invoice(rye, 5, "100.00");
        var first = books.staged(books.packet("7", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        // Its words and its digits say different amounts: somebody has to have seen that.
        var second = books.staged(books.packet("7", "The Enclave", "10.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        HumanTask duplicate = awaitTask(second.id(), CheckReviewSteps.DECIDE_DUPLICATE, -1);
        desk.complete(
                Role.BILLING_MANAGER,
                duplicate.key(),
                "What is it?",
                "Another check: go on with it",
                "Why (no names)",
                "Two of them lie here");
        HumanTask ofFirst = awaitTask(first.id(), CheckReviewSteps.REVIEW, -1);
        desk.complete(
                Role.BILLING_MANAGER, ofFirst.key(), "Decision", "Reject: book nothing", WHY, "The paper is missing");
        await().atMost(PATIENCE).until(() -> books.check(first.id()).status() == CheckStatus.REJECTED);
        HumanTask review = awaitTask(second.id(), CheckReviewSteps.REVIEW, -1);
        desk.complete(
                Role.BILLING_MANAGER,
                review.key(),
                "Decision",
                "Send back to be corrected",
                WHY,
                "Look at the amount again");
        HumanTask correct = awaitTask(second.id(), CheckReviewSteps.CORRECT, -1);
        assertThat(books.status(invoice)).isEqualTo("sent");
        desk.complete(Role.BILLING_CLERK, correct.key(), "Is it corrected?", "Yes: review it again");
        HumanTask again = awaitTask(second.id(), CheckReviewSteps.REVIEW, review.key());
        desk.complete(
                Role.BILLING_MANAGER,
                again.key(),
                "Decision",
                "Confirm: book it",
                "I saw on its page what is doubtful about it",
                TasklistDesk.CHECKED);

        await().atMost(PATIENCE).until(() -> books.check(second.id()).status() == CheckStatus.CONFIRMED);
        assertThat(books.check(second.id()).decidedBy())
                .isEqualTo(books.hospital.user(Role.BILLING_MANAGER).value());
        assertThat(books.status(invoice)).isEqualTo("paid");
    }

    @Test
    void aDuplicateIsPutAside() {
        books.payer("The Enclave", books.facility("The Enclave at Rye"));
        books.staged(books.packet("8", "The Enclave", "100.00", "One hundred and 00/100")
                .digital());
        var same = books.staged(books.packet("8", "The Enclave", "100.00", "One hundred and 00/100")
                        .check("9", books.today(), "Somebody", "1.00", "One and 00/100")
                        .digital())
                .getFirst();
        HumanTask task = awaitTask(same.id(), CheckReviewSteps.DECIDE_DUPLICATE, -1);

        desk.complete(
                Role.BILLING_MANAGER,
                task.key(),
                "What is it?",
                "The same check: put this one aside",
                "Why (no names)",
                "It was scanned twice");

        await().atMost(PATIENCE).until(() -> books.check(same.id()).status() == CheckStatus.REJECTED);
    }

    private HumanTask awaitTask(UUID check, String element, long newerThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> task.key() > newerThan)
                                .flatMap(task -> books.hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task ->
                                        check.toString().equals(task.variables().get("checkId")))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }
}
