package io.remitflow.refunds;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import io.remitflow.identity.Role;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TasklistDesk;
import io.remitflow.workflow.HumanTask;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Each task of a refund, done in the real Tasklist with its form. */
@RemitflowTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class RefundFormsBrowserTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    AchReturns returns;

    @Autowired
    AchBatches batches;

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    LocalBrowser browser;
    PayoutBooks payouts;
    RefundFixture books;
    TasklistDesk desk;

    @BeforeEach
    void open() {
        browser = LocalBrowser.open();
        payouts = new PayoutBooks(context);
        books = payouts.books;
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
    void aDeclinedCardIsPaidByCheckThatIsChosenApprovedAndPaidOut() {
        try (CardGatewayStandIn gateway = books.openGateway(directory, port)) {
            gateway.behave("ch_forms_declined", CardGatewayStandIn.Behaviour.DECLINE_LATER);
            UUID refund = books.request(books.cardPayment("80.00", "ch_forms_declined"), "80.00");

            HumanTask choose = books.awaitTask(refund, RefundSteps.CHOOSE_METHOD);
            desk.complete(
                    Role.BILLING_CLERK, choose.key(), "Method", "Check", "Reason (no patient names)", "Card is closed");
            HumanTask approve = books.awaitTask(refund, RefundSteps.APPROVE);
            Page form = desk.open(Role.BILLING_MANAGER, approve.key());
            assertThat(TasklistDesk.shown(form, "Amount")).hasValue("80.00 USD");
            desk.finish(form, "Decision", "Approve");
            HumanTask pay = books.awaitTask(refund, RefundSteps.PAY_OUT);
            desk.complete(Role.ACCOUNTING_STAFF, pay.key(), "Check number or reference of the bank", "7501");

            books.awaitStatus(refund, RefundStatus.COMPLETED);
            assertThat(books.refund(refund).payoutReference()).isEqualTo("7501");
        }
    }

    @Test
    void whoeverLeavesTheCheckNumberEmptyGetsTheNextOfTheCheckBookAndAReturnedPaymentGoesOutAnew() {
        payouts.bankAccount("123456789");
        UUID refund = payouts.requested(RefundMethod.ACH, "120.00");
        approve(refund);
        await().atMost(PATIENCE).until(() -> books.refund(refund).step().equals(RefundSteps.AWAIT_ACH));
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        String trace = books.hospital
                .call(() -> batches.entries(batch.id()))
                .getFirst()
                .traceNumber();
        books.hospital.run(() -> returns.receive(
                "ach-returns",
                "returns.ach",
                NachaReturns.file().returned("R02", trace, 12_000).bytes()));

        HumanTask reissue = books.awaitTask(refund, RefundSteps.REISSUE);
        desk.complete(
                Role.BILLING_CLERK, reissue.key(), "Method", "Check", "Reason (no patient names)", "Account closed");
        UUID next = await().atMost(PATIENCE)
                .until(
                        () -> books.hospital.call(
                                () -> context.getBean(RefundReturns.class).reissued(refund)),
                        Optional::isPresent)
                .orElseThrow()
                .id();
        approve(next);
        desk.complete(
                Role.ACCOUNTING_STAFF,
                books.awaitTask(next, RefundSteps.PAY_OUT).key());

        books.awaitStatus(next, RefundStatus.COMPLETED);
        assertThat(books.refund(next).payoutReference()).isEqualTo("1001");
    }

    private void approve(UUID refund) {
        desk.complete(
                Role.BILLING_MANAGER,
                books.awaitTask(refund, RefundSteps.APPROVE).key(),
                "Decision",
                "Approve");
    }
}
