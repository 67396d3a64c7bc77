package io.remitflow.reconciliation;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.SelectOption;
import io.remitflow.identity.Role;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.Screen;
import io.remitflow.local.TasklistDesk;
import io.remitflow.local.TestHospital;
import io.remitflow.reconciliation.BankReconciliation.Status;
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
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** A bank period in the browser: the workspace, and both tasks with their forms in the real Tasklist. */
@RemitflowTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class BankReconciliationBrowserTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    HumanTasks tasks;

    @LocalServerPort
    int port;

    LocalBrowser browser;
    BankPeriodBooks books;

    @BeforeEach
    void open() {
        browser = LocalBrowser.open();
        books = new BankPeriodBooks(context);
        books.t1();
        books.hospital.user(Role.CFO);
    }

    @AfterEach
    void leave(TestInfo test) {
        browser.dismissVisitors(
                Path.of("target/browser-tests"),
                test.getTestMethod().orElseThrow().getName());
        browser.close();
    }

    @Test
    void linesAreExplainedInTheWorkspaceAndBothTasksAreDoneInTasklist() {
        UUID id = books.start(books.end());
        var desk = new TasklistDesk(browser, books.hospital);
        Page page = Screen.signIn(
                browser.visitor(1500, 1000),
                "http://127.0.0.1:" + port,
                books.hospital.signInName(Role.ACCOUNTING_STAFF),
                TestHospital.PASSWORD);
        page.navigate("http://127.0.0.1:%d/app/reconciliation/bank/%s".formatted(port, id));

        assertThat(page.locator("#rf-difference")).containsText("3,360.20");
        explain(page, "MONTHLY FEE", "account:8140", "Monthly fee");
        explain(page, "RETURNED DEPOSITED ITEM", "carried", "The payer is asked");
        assertThat(page.locator("#rf-difference")).containsText("nothing is left");

        HumanTask work = awaitTask(BankReconciliationSteps.WORK);
        desk.complete(
                Role.ACCOUNTING_STAFF,
                work.key(),
                "Notes for whoever approves (no patient names)",
                "One item returned");
        HumanTask approval = awaitTask(BankReconciliationSteps.APPROVE);
        Page form = desk.open(Role.CFO, approval.key());
        assertThat(TasklistDesk.shown(form, "Difference after adjustments")).hasValue("0.00");
        assertThat(TasklistDesk.shown(form, "Notes of whoever completed it")).hasValue("One item returned");
        desk.finish(form, "Decision", "Approve: the period is reconciled");

        await().atMost(PATIENCE).until(() -> books.get(id).status() == Status.COMPLETED);
        page.reload();
        assertThat(page.locator("h1")).containsText("Completed");
        assertThat(books.get(id).approvedBy()).isEqualTo(books.hospital.user(Role.CFO));
    }

    private static void explain(Page page, String line, String what, String reason) {
        var row = page.locator("tbody").filter(new com.microsoft.playwright.Locator.FilterOptions().setHasText(line));
        row.locator("select[name=what]").first().selectOption(new SelectOption().setValue(what));
        row.locator("input[name=reason]").first().fill(reason);
        Screen.button(row.first(), "Record").click();
        assertThat(page.locator("#rf-messages")).containsText("Recorded.");
    }

    private HumanTask awaitTask(String element) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books.hospital.call(
                                () -> tasks.open(TaskQuery.all().at(element))),
                        found -> !found.isEmpty())
                .getFirst();
    }
}
