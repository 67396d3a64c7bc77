package io.remitflow.reconciliation;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyAction;
import io.remitflow.discrepancies.DiscrepancyResolution;
import io.remitflow.discrepancies.DiscrepancySteps;
import io.remitflow.identity.Role;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TasklistDesk;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The task of a discrepancy, done in the real Tasklist with its form. */
@RemitflowTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class DiscrepancyFormsBrowserTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String HOW = "How it is resolved";
    private static final String WHY = "Reason, without names or numbers of patients";

    @Autowired
    ApplicationContext context;

    @Autowired
    Discrepancies discrepancies;

    @Autowired
    CaseTasks tasks;

    LocalBrowser browser;
    GatewayBooks books;
    TasklistDesk desk;

    @BeforeEach
    void open() {
        browser = LocalBrowser.open();
        books = new GatewayBooks(context);
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
    void aDiscrepancyComesBackWithTheReasonWhyItsCorrectionDoesNotCountAndIsResolved() {
        books.charged("ch_1", "20.00");
        books.run();
        Discrepancy found = books.only();

        long first = awaitTask(found, -1);
        Page page = desk.open(Role.BILLING_MANAGER, first);
        assertThat(TasklistDesk.shown(page, "Discrepancy")).hasValue(found.number());
        assertThat(TasklistDesk.shown(page, "What differs")).hasValue("MissingInternalRecord");
        assertThat(TasklistDesk.shown(page, "Difference")).hasValue(Amounts.format(found.difference()) + " USD");
        assertThat(page.getByText("Not accepted before")).isHidden();
        desk.finish(
                page,
                HOW,
                "Corrected by a posted adjustment",
                "Number of the adjustment",
                "ADJ-UNKNOWN",
                WHY,
                "Posted by hand");

        Page again = desk.open(Role.BILLING_MANAGER, awaitTask(found, first));
        assertThat(again.getByText("Not accepted before")).isVisible();
        desk.finish(again, HOW, "Corrected at the provider", WHY, "The charge was taken back there");

        await().atMost(PATIENCE).until(() -> get(found).isResolved());
        var resolved = Objects.requireNonNull(get(found).resolved());
        assertThat(resolved.resolution()).isEqualTo(DiscrepancyResolution.PROVIDER_CORRECTED);
        assertThat(resolved.reason()).isEqualTo("The charge was taken back there");
        assertThat(resolved.by()).isEqualTo(books.hospital.user(Role.BILLING_MANAGER));
        assertThat(books.hospital.call(() -> discrepancies.actions(found.id())))
                .extracting(DiscrepancyAction::action)
                .containsExactly("opened", "triaged", "refused", "resolved");
    }

    private Discrepancy get(Discrepancy found) {
        return books.hospital.call(() -> discrepancies.get(found.id()));
    }

    private long awaitTask(Discrepancy found, long newerThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books.hospital
                                .call(() ->
                                        tasks.find(DiscrepancySteps.PROCESS, found.caseKey(), DiscrepancySteps.WORK))
                                .map(HumanTask::key)
                                .filter(key -> key > newerThan),
                        Optional::isPresent)
                .orElseThrow();
    }
}
