package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.CardGatewayStandIn.Behaviour;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.Payments;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

@RemitflowTest
class RefundProcessIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Refunds refunds;

    @Autowired
    RefundApprovals approvals;

    @Autowired
    RefundPayouts payouts;

    @Autowired
    Payments payments;

    @Autowired
    HumanTasks tasks;

    @Autowired
    Decisions decisions;

    @Autowired
    Timeline timeline;

    @Autowired
    Clearing clearing;

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    RefundFixture books;
    CardGatewayStandIn gateway;

    @BeforeEach
    void openHospital() {
        books = new RefundFixture(context);
        gateway = new CardGatewayStandIn(directory.resolve("gateway.json"))
                .reportTo(URI.create("http://127.0.0.1:%d/billing/payments/webhooks/%s/%s"
                        .formatted(port, Gateways.SANDBOX, books.hospital.code())));
        gateway.start(TestServices.partnerPort());
    }

    @AfterEach
    void closeGateway() {
        gateway.close();
    }

    @Test
    void aSmallRefundGoesBackToTheCardWithoutAnybody() {
        UUID payment = books.cardPayment("80.00", "ch_small");
        UUID refund = books.request(payment, "80.00");

        books.awaitStatus(refund, RefundStatus.COMPLETED);
        assertThat(gateway.refundsOf("ch_small")).hasSize(1);
        books.hospital.run(() -> {
            assertThat(payments.refundable(payment)).isEqualTo(usd("0.00"));
            assertThat(clearing.balance(
                            StandardAccount.CARD_CLEARING,
                            new ClearingReference(
                                    "gateway-refund",
                                    gateway.refundsOf("ch_small").getFirst().id())))
                    .isEqualTo(usd("-80.00"));
            assertThat(decisions.of(Refunds.SUBJECT, refund)).hasSize(1);
        });
    }

    @Test
    void anApprovalOnOurPageIsEnoughAboveOneHundred() {
        UUID refund = books.request(books.cardPayment("300.00", "ch_page"), "120.00");
        HumanTask task = books.awaitTask(refund, RefundSteps.APPROVE);
        assertThat(task.candidateGroups()).containsExactly("billing-manager");

        decide(Role.BILLING_MANAGER, refund, task, true);

        books.awaitStatus(refund, RefundStatus.COMPLETED);
        assertThat(steps(refund)).containsSubsequence("Requested", "Needs approval", "Approved", "Completed");
    }

    @Test
    void c2_anApprovalInTasklistIsCheckedAfterwardsAndComesBackIfItDoesNotCount() {
        UUID refund = books.request(books.cardPayment("300.00", "ch_tasklist"), "120.00");
        HumanTask first = books.awaitTask(refund, RefundSteps.APPROVE);
        completeInTasklist(Role.BILLING_CLERK, first, Map.of("decision", "approve"));

        HumanTask second = books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        // Tasklist shows a task and its variables when it has read them, not at once.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(String.valueOf(books.awaitOtherTask(refund, RefundSteps.APPROVE, first)
                                .variables()
                                .get("refusalReason")))
                        .contains("requested"));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(gateway.refundsOf("ch_tasklist")).isEmpty();

        completeInTasklist(Role.BILLING_MANAGER, second, Map.of("decision", "approve"));
        books.awaitStatus(refund, RefundStatus.COMPLETED);
        books.hospital.run(() ->
                assertThat(approvals.of(refund)).extracting(Approval::source).containsExactly("tasklist"));
    }

    @Test
    void twoLevelsThenRejectionEndsTheProcess() {
        UUID payment = books.cardPayment("9000.00", "ch_two");
        UUID refund = books.request(payment, "6000.00");
        HumanTask first = books.awaitTask(refund, RefundSteps.APPROVE);
        decide(Role.BILLING_MANAGER, refund, first, true);
        HumanTask second = books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        assertThat(second.candidateGroups()).containsExactly("cfo");

        decide(Role.CFO, refund, second, false);

        books.awaitStatus(refund, RefundStatus.REJECTED);
        books.hospital.run(() -> assertThat(refunds.refundable(payment)).isEqualTo(usd("9000.00")));
        assertThat(gateway.refundsOf("ch_two")).isEmpty();
    }

    @Test
    void aDeclinedCardLeadsToAnotherMethodThatIsApprovedAnewAndPaidByAThirdPerson() {
        gateway.behave("ch_declined_card", Behaviour.DECLINE_LATER);
        UUID payment = books.cardPayment("80.00", "ch_declined_card");
        UUID refund = books.request(payment, "80.00");
        HumanTask choose = books.awaitTask(refund, RefundSteps.CHOOSE_METHOD);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.FAILED);

        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> payouts.chooseMethod(refund, choose.key(), RefundMethod.CHECK, "The card is closed"));
        HumanTask approve = books.awaitTask(refund, RefundSteps.APPROVE);
        decide(Role.BILLING_MANAGER, refund, approve, true);
        HumanTask payOut = books.awaitTask(refund, RefundSteps.PAY_OUT);
        completeInTasklist(Role.BILLING_MANAGER, payOut, Map.of("payoutReference", "7001"));
        HumanTask again = books.awaitOtherTask(refund, RefundSteps.PAY_OUT, payOut);
        completeInTasklist(Role.ACCOUNTING_STAFF, again, Map.of("payoutReference", "7001"));

        books.awaitStatus(refund, RefundStatus.COMPLETED);
        assertThat(books.refund(refund).version()).isEqualTo(2);
        books.hospital.run(() -> assertThat(clearing.balance(
                        StandardAccount.OUTGOING_PAYMENTS_CLEARING, new ClearingReference("check", "7001")))
                .isEqualTo(usd("-80.00")));
    }

    @Test
    void aLostAnswerAndASilentGatewayAreSettledByAsking() {
        gateway.behave("ch_lost", Behaviour.LOSE_ANSWER);
        gateway.behave("ch_silent", Behaviour.STAY_SILENT);
        UUID lost = books.request(books.cardPayment("50.00", "ch_lost"), "50.00");
        UUID silent = books.request(books.cardPayment("40.00", "ch_silent"), "40.00");

        books.awaitStatus(lost, RefundStatus.COMPLETED);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> gateway.refundsOf("ch_silent").size() == 1);
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
        assertThat(books.refund(silent).status()).isEqualTo(RefundStatus.PROCESSING);
        TestServices.stack().broker().advance(Duration.ofMinutes(16));
        books.awaitStatus(silent, RefundStatus.COMPLETED);
        assertThat(gateway.refundsOf("ch_lost")).hasSize(1);
        assertThat(gateway.refundsOf("ch_silent")).hasSize(1);
    }

    @Test
    void anOverdueApprovalIsRemindedAndThenEscalated() {
        UUID refund = books.request(books.cardPayment("300.00", "ch_late"), "120.00");
        HumanTask task = books.awaitTask(refund, RefundSteps.APPROVE);
        TestServices.stack().broker().advance(Duration.ofDays(2).plusMinutes(1));
        await().atMost(Duration.ofSeconds(30)).until(() -> steps(refund).contains("Reminder"));

        TestServices.stack().broker().advance(Duration.ofDays(2).plusMinutes(1));
        HumanTask escalated = books.awaitOtherTask(refund, RefundSteps.APPROVE, task);

        assertThat(escalated.candidateGroups()).containsExactly("cfo");
        assertThat(steps(refund)).contains("Escalated");
        decide(Role.CFO, refund, escalated, true);
        books.awaitStatus(refund, RefundStatus.COMPLETED);
    }

    @Test
    void anAmountChangedAfterTheApprovalIsApprovedAgain() {
        UUID refund = books.request(books.cardPayment("9000.00", "ch_changed"), "6000.00");
        HumanTask first = books.awaitTask(refund, RefundSteps.APPROVE);
        decide(Role.BILLING_MANAGER, refund, first, true);
        HumanTask second = books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        assertThat(second.candidateGroups()).containsExactly("cfo");
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.changeAmount(refund, usd("150.00")));
        completeInTasklist(Role.CFO, second, Map.of("decision", "approve"));
        HumanTask third = books.awaitOtherTask(refund, RefundSteps.APPROVE, second);
        assertThat(third.candidateGroups()).containsExactly("billing-manager");

        decide(Role.BILLING_MANAGER, refund, third, true);
        books.awaitStatus(refund, RefundStatus.COMPLETED);
        assertThat(gateway.refundsOf("ch_changed"))
                .extracting(CardGatewayStandIn.Booked::amount)
                .containsExactly(15_000L);
    }

    @Test
    void aRefundThatItsPaymentNoLongerCoversGoesBackToTheApprover() {
        UUID payment = books.cardPayment("300.00", "ch_disputed");
        UUID refund = books.request(payment, "120.00");
        HumanTask first = books.awaitTask(refund, RefundSteps.APPROVE);
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update billing_payments set disputed_amount = 25000 where id = ?")
                .param(payment)
                .update();
        decide(Role.BILLING_MANAGER, refund, first, true);

        HumanTask second = books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        assertThat(String.valueOf(second.variables().get("refusalReason"))).contains("no longer covers");
        assertThat(second.candidateGroups()).containsExactly("billing-manager");
        assertThat(books.refund(refund).version()).isEqualTo(2);
        decide(Role.BILLING_MANAGER, refund, second, false);

        books.awaitStatus(refund, RefundStatus.REJECTED);
        assertThat(gateway.refundsOf("ch_disputed")).isEmpty();
    }

    @Test
    void aCancelledRefundEndsItsProcess() {
        UUID refund = books.request(books.cardPayment("300.00", "ch_cancel"), "120.00");
        HumanTask task = books.awaitTask(refund, RefundSteps.APPROVE);
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.cancel(refund, "Asked by mistake"));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> books.hospital.call(() -> tasks.find(task.key())).isEmpty());
        assertThat(gateway.refundsOf("ch_cancel")).isEmpty();
    }

    @Test
    void theRuleHasNoGapsAndItsLimitsAreInclusive() {
        assertLevels(rule(10_000L, true, true));
        assertLevels(rule(10_001L, true, true), "billing-manager");
        assertLevels(rule(10_000L, true, false), "billing-manager");
        assertLevels(rule(1L, true, true));
        assertLevels(rule(500_000L, true, true), "billing-manager");
        assertLevels(rule(500_000L, true, false), "billing-manager");
        assertLevels(rule(500_001L, true, true), "billing-manager", "cfo");
        assertLevels(rule(0L, true, true), "billing-manager", "cfo");
        assertLevels(rule(-1L, true, true), "billing-manager", "cfo");
        assertLevels(rule(null, true, true), "billing-manager", "cfo");
        assertLevels(rule(5_000L, false, true), "billing-manager", "cfo");
        assertLevels(rule(5_000L, null, true), "billing-manager", "cfo");
        assertLevels(rule(5_000L, true, null), "billing-manager", "cfo");
    }

    private Object rule(
            @org.jspecify.annotations.Nullable Long exposure,
            @org.jspecify.annotations.Nullable Boolean sameCurrency,
            @org.jspecify.annotations.Nullable Boolean original) {
        Map<String, Object> inputs = new HashMap<>();
        inputs.put("exposureMinor", exposure);
        inputs.put("sameCurrency", sameCurrency);
        inputs.put("originalMethod", original);
        return java.util.Objects.requireNonNull(books.hospital
                .call(() -> decisions.decide("refund-approval", "test", UUID.randomUUID(), inputs))
                .get("levels"));
    }

    private static void assertLevels(Object levels, String... expected) {
        assertThat(levels).isEqualTo(List.of(expected));
    }

    private void decide(Role role, UUID refund, HumanTask task, boolean approve) {
        books.hospital.runAs(
                role,
                () -> approvals.decide(
                        refund,
                        new ApprovalDecision(task.key(), refunds.get(refund).version(), approve, null)));
    }

    private void completeInTasklist(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }

    private List<String> steps(UUID refund) {
        return books.hospital.call(() -> timeline.of(Refunds.SUBJECT, refund)).stream()
                .map(TimelineEntry::step)
                .toList();
    }
}
