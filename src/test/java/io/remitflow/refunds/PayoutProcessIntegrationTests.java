package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** The way of a refund that leaves by ACH, check or transfer, on the engine; it moves the clock by weeks. */
@RemitflowTest
class PayoutProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundApprovals approvals;

    @Autowired
    Refunds refunds;

    @Autowired
    AchReturns returns;

    @Autowired
    AchBatches batches;

    @Autowired
    RefundPayouts payouts;

    @Autowired
    RefundHolds holds;

    @Autowired
    HumanTasks tasks;

    @Autowired
    Timeline timeline;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    PayoutBooks books;

    @BeforeEach
    void openHospital() {
        books = new PayoutBooks(context);
    }

    @Test
    void anAchRefundIsCompleteWhenItWasNotReturnedInTime() {
        books.bankAccount("123456789");
        UUID refund = books.requested(RefundMethod.ACH, "120.00");
        approve(refund);
        awaitStep(refund, RefundSteps.AWAIT_ACH);

        books.release(Role.ACCOUNTING_STAFF);
        awaitStep(refund, RefundSteps.AWAIT_RETURN);
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
        assertThat(books.books.refund(refund).status()).isEqualTo(RefundStatus.PROCESSING);

        TestServices.stack().broker().advance(Duration.ofDays(12));
        books.books.awaitStatus(refund, RefundStatus.COMPLETED);
    }

    @Test
    void aReturnedAchRefundGoesOutAnewByCheckAsAPersonChoosesInTasklist() {
        books.bankAccount("123456789");
        UUID refund = books.requested(RefundMethod.ACH, "120.00");
        approve(refund);
        awaitStep(refund, RefundSteps.AWAIT_ACH);
        AchBatch batch = books.release(Role.ACCOUNTING_STAFF);
        String trace = books.books
                .hospital
                .call(() -> batches.entries(batch.id()))
                .getFirst()
                .traceNumber();

        books.books.hospital.run(() -> returns.receive(
                "ach-returns",
                "returns.ach",
                NachaReturns.file().returned("R02", trace, 12_000).bytes()));

        HumanTask choose = books.books.awaitTask(refund, RefundSteps.REISSUE);
        assertThat(choose.candidateGroups()).containsExactlyInAnyOrder("billing-clerk", "billing-manager");
        complete(Role.ACCOUNTING_STAFF, choose, Map.of("reissueMethod", "check", "methodReason", "Closed account"));
        HumanTask again = books.books.awaitOtherTask(refund, RefundSteps.REISSUE, choose);
        complete(Role.BILLING_CLERK, again, Map.of("reissueMethod", "check", "methodReason", "Closed account"));
        Refund next = await().atMost(PATIENCE)
                .until(
                        () -> books.books.hospital.call(
                                () -> context.getBean(RefundReturns.class).reissued(refund)),
                        java.util.Optional::isPresent)
                .orElseThrow();
        approve(next.id());
        HumanTask payOut = books.books.awaitTask(next.id(), RefundSteps.PAY_OUT);
        complete(Role.ACCOUNTING_STAFF, payOut, Map.of());

        books.books.awaitStatus(next.id(), RefundStatus.COMPLETED);
        assertThat(books.books.refund(next.id()).payoutReference()).isEqualTo("1001");
        assertThat(books.books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
    }

    @Test
    void aPayoutThatIsHeldBackGoesToTheApproverAndThenATransferThatTheBankShowsCompletesIt() {
        UUID refund = books.requested(RefundMethod.WIRE, "120.00");
        HumanTask first = approve(refund);
        books.books.awaitTask(refund, RefundSteps.PAY_OUT);

        books.books.hospital.runAs(Role.BILLING_CLERK, () -> holds.hold(refund, "CANARY: the payer asks for it"));

        HumanTask second = books.books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        assertThat(books.books.refund(refund).version()).isEqualTo(2);
        books.books.awaitVariable(second, "refusalReason", "the page of the refund says why");
        assertThat(books.books.task(second.key()).variables().toString())
                .as("what people type stays in the books")
                .doesNotContain("CANARY");
        assertThat(books.books.refund(refund).refusalReason()).contains("CANARY");
        decide(refund, second);
        books.books.awaitTask(refund, RefundSteps.PAY_OUT);
        String number = books.books.refund(refund).number();
        books.books.hospital.run(() -> transactions.executeWithoutResult(
                status -> assertThat(payouts.transferSeen(number, RefundFixture.usd("120.00"), "FT-77"))
                        .isEqualTo(RefundPayouts.Seen.COUNTED)));
        books.books.awaitStatus(refund, RefundStatus.COMPLETED);
    }

    @Test
    void overRestAPayoutIsHeldApprovedAgainAndPaidOut() {
        UUID refund = books.requested(RefundMethod.CHECK, "120.00");
        String path = "/billing/refunds/" + refund;
        var clerk = api(Role.BILLING_CLERK);
        assertThat(clerk.json("POST", path + "/hold", "{\"reason\": \"Too early\"}")
                        .statusCode())
                .as("nothing to hold before it is approved")
                .isEqualTo(409);
        HumanTask first = approve(refund);
        books.books.awaitTask(refund, RefundSteps.PAY_OUT);
        assertThat(api(Role.ACCOUNTING_STAFF)
                        .json("POST", path + "/hold", "{\"reason\": \"Wait\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", path + "/hold", "{\"reason\": \"\"}").statusCode())
                .isEqualTo(400);
        assertThat(clerk.json("POST", path + "/hold", "{\"reason\": \"The payer asks for it\"}")
                        .body())
                .contains("\"holdReason\":\"The payer asks for it\"");
        HumanTask again = books.books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        assertThat(books.books.refund(refund).version()).as("to approve anew").isEqualTo(2);
        decide(refund, again);
        books.books.awaitTask(refund, RefundSteps.PAY_OUT);

        assertThat(api(Role.ANALYST)
                        .json("POST", path + "/payout", "{\"reference\": \"7001\"}")
                        .statusCode())
                .isEqualTo(403);
        var staff = api(Role.ACCOUNTING_STAFF);
        assertThat(staff.json("POST", path + "/payout", "{\"reference\": \"%s\"}".formatted("7".repeat(51)))
                        .statusCode())
                .isEqualTo(400);
        assertThat(staff.json("POST", path + "/payout", "{}").body()).contains("\"payoutReference\":\"1001\"");

        books.books.awaitStatus(refund, RefundStatus.COMPLETED);
        assertThat(staff.json("POST", path + "/payout", "{}").statusCode()).isEqualTo(409);
    }

    @Test
    void overRestAReturnedRefundGoesOutAnewByAnotherMethod() {
        books.bankAccount("123456789");
        UUID refund = books.requested(RefundMethod.ACH, "120.00");
        String path = "/billing/refunds/" + refund;
        var clerk = api(Role.BILLING_CLERK);
        assertThat(clerk.json("POST", path + "/reissue", "{\"method\": \"check\", \"reason\": \"Early\"}")
                        .statusCode())
                .isEqualTo(409);
        assertThat(clerk.json("POST", path + "/method", "{\"method\": \"check\", \"reason\": \"Early\"}")
                        .statusCode())
                .as("only after a decline")
                .isEqualTo(409);
        approve(refund);
        awaitStep(refund, RefundSteps.AWAIT_ACH);
        AchBatch batch = books.release(Role.ACCOUNTING_STAFF);
        String trace = books.books
                .hospital
                .call(() -> batches.entries(batch.id()))
                .getFirst()
                .traceNumber();
        books.books.hospital.run(() -> returns.receive(
                "ach-returns",
                "returns.ach",
                NachaReturns.file().returned("R02", trace, 12_000).bytes()));
        books.books.awaitTask(refund, RefundSteps.REISSUE);

        assertThat(api(Role.ACCOUNTING_STAFF)
                        .json("POST", path + "/reissue", "{\"method\": \"check\", \"reason\": \"Closed\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.json("POST", path + "/reissue", "{\"method\": \"pigeon\", \"reason\": \"Closed\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(clerk.json("POST", path + "/reissue", "{\"method\": \"check\", \"reason\": \"Closed\"}")
                        .body())
                .contains("\"reissueOf\":\"" + refund, "\"method\":\"check\"", "\"status\":\"pending\"");
        assertThat(books.books.refund(refund).status()).isEqualTo(RefundStatus.RETURNED);
    }

    private TestClient api(Role role) {
        return TestClient.api(port, books.books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    @Test
    void anotherBankAccountAfterTheApprovalIsApprovedAnew() {
        UUID refund = books.requested(RefundMethod.ACH, "120.00");
        HumanTask first = approve(refund);
        awaitStep(refund, RefundSteps.AWAIT_ACH);

        books.bankAccount("123456789");

        HumanTask second = books.books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        await().atMost(PATIENCE).until(() -> books.books.refund(refund).levels() != null);
        decide(refund, second);
        awaitStep(refund, RefundSteps.AWAIT_ACH);
        assertThat(books.release(Role.ACCOUNTING_STAFF).entries()).isEqualTo(1);
    }

    @Test
    void h6_theThirtyDaysRemindOnceAndEscalateOnce() {
        UUID refund = books.requested(RefundMethod.CHECK, "120.00");
        books.books.awaitTask(refund, RefundSteps.APPROVE);

        TestServices.stack().broker().advance(Duration.ofDays(24));
        await().atMost(PATIENCE).until(() -> steps(refund).contains("Due soon"));
        TestServices.stack().broker().advance(Duration.ofDays(8));
        await().atMost(PATIENCE).until(() -> steps(refund).contains("Overdue"));
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);

        assertThat(steps(refund)).containsOnlyOnce("Due soon", "Overdue");
    }

    private HumanTask approve(UUID refund) {
        HumanTask task = books.books.awaitTask(refund, RefundSteps.APPROVE);
        decide(refund, task);
        return task;
    }

    private void decide(UUID refund, HumanTask task) {
        books.books.hospital.runAs(
                Role.BILLING_MANAGER,
                () -> approvals.decide(
                        refund,
                        new ApprovalDecision(task.key(), refunds.get(refund).version(), true, null)));
    }

    private void complete(Role role, HumanTask task, Map<String, ?> variables) {
        books.books.hospital.run(() -> tasks.complete(task.key(), books.books.hospital.signInName(role), variables));
    }

    private void awaitStep(UUID refund, String step) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(books.books.refund(refund).step()).isEqualTo(step));
    }

    private List<String> steps(UUID refund) {
        return books.books.hospital.call(() -> timeline.of(Refunds.SUBJECT, refund)).stream()
                .map(TimelineEntry::step)
                .toList();
    }
}
