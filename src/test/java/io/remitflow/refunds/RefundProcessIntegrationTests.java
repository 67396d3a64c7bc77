package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientStatusException;
import io.grpc.Status;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.CardGatewayStandIn.Behaviour;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Payments;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

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

    @Autowired
    ProcessInstances instances;

    @Autowired
    CamundaClient engine;

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    RefundFixture books;
    CardGatewayStandIn gateway;

    @BeforeEach
    void openHospital() {
        books = new RefundFixture(context);
        gateway = books.openGateway(directory, port);
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
    void h5_whatRunsInAnOldVersionOfTheProcessFinishesThere() throws IOException {
        String before = Files.readString(Path.of("bpmn/refund.bpmn"));
        String after = before.replace("name=\"Approve refund\"", "name=\"Approve refund, new version\"");
        assertThat(after).isNotEqualTo(before);
        UUID old = books.request(books.cardPayment("300.00", "ch_old"), "120.00");
        assertThat(books.awaitTask(old, RefundSteps.APPROVE).name()).isEqualTo("Approve refund");
        int version = deploy(after);
        try {
            UUID recent = books.request(books.cardPayment("300.00", "ch_recent"), "120.00");
            // Tasklist hears of the new version after its task.
            HumanTask ofRecent = await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> books.awaitTask(recent, RefundSteps.APPROVE),
                            task -> task.name().equals("Approve refund, new version"));
            HumanTask ofOld = books.awaitTask(old, RefundSteps.APPROVE);
            assertThat(ofOld.name()).isEqualTo("Approve refund");

            decide(Role.BILLING_MANAGER, old, ofOld, true);
            decide(Role.BILLING_MANAGER, recent, ofRecent, true);

            for (UUID refund : List.of(old, recent)) {
                books.awaitStatus(refund, RefundStatus.COMPLETED);
                books.hospital.run(() -> assertThat(decisions.of(Refunds.SUBJECT, refund))
                        .singleElement()
                        .satisfies(decision -> {
                            assertThat(decision.version()).isPositive();
                            assertThat(decision.inputs()).containsEntry("amountMinor", 12_000);
                        }));
            }
        } finally {
            assertThat(deploy(before)).isEqualTo(version + 1);
        }
    }

    /** With its forms, as the application deploys it. */
    private int deploy(String model) {
        return engine.newDeployResourceCommand()
                .addResourceStringUtf8(model, "refund.bpmn")
                .addResourceFile("bpmn/approve-refund.form")
                .addResourceFile("bpmn/choose-another-method.form")
                .addResourceFile("bpmn/pay-out-refund.form")
                .send()
                .join()
                .getProcesses()
                .getFirst()
                .getVersion();
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
        assertThat(actorOf(refund, "Approval not accepted")).isEqualTo(Role.BILLING_CLERK.title());
        assertThat(actorOf(refund, "Approved")).isEqualTo(Role.BILLING_MANAGER.title());
    }

    @Test
    void c2_c7_theRequesterAndWhoeverLostTheRoleAreRefusedOverHttpAndNothingChanges() {
        UUID refund = books.request(books.cardPayment("300.00", "ch_own"), "120.00");
        HumanTask task = books.awaitTask(refund, RefundSteps.APPROVE);
        var users = context.getBean(Users.class);
        var requester = books.hospital.user(Role.BILLING_CLERK);
        // Also by a second role that may approve.
        books.hospital.run(() -> users.setRoles(requester, Set.of(Role.BILLING_CLERK, Role.CFO)));
        String name = books.hospital.signInName(Role.BILLING_CLERK);
        var page = TestClient.browser(port).signIn(name, TestHospital.PASSWORD);
        var api = TestClient.api(port, name, TestHospital.PASSWORD);
        var form = Map.of(
                "task", Long.toString(task.key()),
                "version", Integer.toString(books.refund(refund).version()),
                "decision", "approve");

        assertThat(page.get("/app/refunds/" + refund).statusCode()).isEqualTo(200);
        assertThat(page.post("/app/refunds/" + refund + "/approval", form).statusCode())
                .isEqualTo(403);
        var answer = api.json(
                "POST", "/billing/refunds/" + refund + "/approval", "{\"decision\": \"approve\", \"version\": 1}");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("\"code\":\"self-approval\"");

        books.hospital.run(() -> users.setRoles(requester, Set.of(Role.BILLING_CLERK)));
        assertThat(page.post("/app/refunds/" + refund + "/approval", form).statusCode())
                .as("the page was loaded while the role was there")
                .isEqualTo(403);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        books.hospital.run(() -> assertThat(approvals.of(refund)).isEmpty());
        assertThat(books.awaitTask(refund, RefundSteps.APPROVE).key()).isEqualTo(task.key());
        assertThat(gateway.refundsOf("ch_own")).isEmpty();

        var absent = page.get("/app/tasks/4503599627370495");
        assertThat(absent.statusCode()).isEqualTo(404);
        assertThat(absent.body()).contains("It was done or withdrawn meanwhile");
        decide(Role.BILLING_MANAGER, refund, task, true);
        books.awaitStatus(refund, RefundStatus.COMPLETED);
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
    void anApprovalWhoseTaskIsEscalatedBeforeItArrivesCountsAndTheCfoIsNotAsked() {
        UUID refund = books.request(books.cardPayment("300.00", "ch_crossed"), "120.00");
        HumanTask task = books.awaitTask(refund, RefundSteps.APPROVE);
        // Its completion finds no task, as one that arrives after the timer.
        books.decide(Role.BILLING_MANAGER, refund, true);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.APPROVED);

        TestServices.stack().broker().advance(Duration.ofDays(4).plusMinutes(1));

        books.awaitStatus(refund, RefundStatus.COMPLETED);
        assertThat(gateway.refundsOf("ch_crossed")).hasSize(1);
        assertThat(steps(refund)).doesNotContain("Escalated");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> books.hospital.call(() -> tasks.find(task.key())).isEmpty());
    }

    @Test
    void aDecisionWhoseTaskGoesByLateNewsOfAChangedAmountCounts() {
        UUID rejected = books.request(books.cardPayment("300.00", "ch_late_news"), "120.00");
        UUID approved = books.request(books.cardPayment("9000.00", "ch_late_news_2"), "6000.00");
        HumanTask first = books.awaitTask(rejected, RefundSteps.APPROVE);
        HumanTask second = books.awaitTask(approved, RefundSteps.APPROVE);
        books.decide(Role.BILLING_MANAGER, rejected, false);
        books.decide(Role.BILLING_MANAGER, approved, true);

        for (UUID refund : List.of(rejected, approved)) {
            engine.newPublishMessageCommand()
                    .messageName("refunds.changed")
                    .correlationKey(refund.toString())
                    .send()
                    .join();
        }

        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(books.hospital.call(() -> tasks.find(first.key()))).isEmpty();
            var instance = books.hospital.call(() -> instances.find(RefundSteps.PROCESS, rejected.toString()));
            assertThat(instance.orElseThrow().running()).isFalse();
        });
        assertThat(books.awaitOtherTask(approved, RefundSteps.APPROVE, second).candidateGroups())
                .containsExactly("cfo");
        assertThat(books.refund(rejected).status()).isEqualTo(RefundStatus.REJECTED);
        assertThat(gateway.refundsOf("ch_late_news")).isEmpty();
    }

    @Test
    void anAmountChangedAfterTheApprovalIsApprovedAgain() {
        UUID refund = books.request(books.cardPayment("9000.00", "ch_changed"), "6000.00");
        HumanTask first = books.awaitTask(refund, RefundSteps.APPROVE);
        decide(Role.BILLING_MANAGER, refund, first, true);
        HumanTask second = books.awaitOtherTask(refund, RefundSteps.APPROVE, first);
        assertThat(second.candidateGroups()).containsExactly("cfo");
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.changeAmount(refund, usd("150.00")));
        HumanTask third = books.awaitOtherTask(refund, RefundSteps.APPROVE, second);
        assertThat(third.candidateGroups()).containsExactly("billing-manager");
        assertThatThrownBy(() -> completeInTasklist(Role.CFO, second, Map.of("decision", "approve")))
                .as("a stale task")
                .isInstanceOf(RuleViolation.class);

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
        books.awaitVariable(second, "refusalReason", "no longer covers");
        assertThat(second.candidateGroups()).containsExactly("billing-manager");
        assertThat(books.refund(refund).version()).isEqualTo(2);
        decide(Role.BILLING_MANAGER, refund, second, false);

        books.awaitStatus(refund, RefundStatus.REJECTED);
        assertThat(gateway.refundsOf("ch_disputed")).isEmpty();
    }

    @Test
    void c5_aRefundThatNeverReachedTheGatewayGoesBackToTheApproverAfterADispute() {
        gateway.close();
        UUID payment = books.cardPayment("80.00", "ch_unsent");
        UUID refund = books.request(payment, "80.00");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> steps(refund).contains("Sent to the gateway") && attemptIsUnknown(refund));
        books.hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(
                        status -> context.getBean(DisputedRefunds.class).claimed(payment, usd("80.00"))));
        gateway = books.openGateway(directory, port);
        TestServices.stack().broker().advance(Duration.ofMinutes(16));

        HumanTask held = books.awaitTask(refund, RefundSteps.APPROVE);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(gateway.refundsOf("ch_unsent")).isEmpty();
        decide(Role.BILLING_MANAGER, refund, held, false);

        books.awaitStatus(refund, RefundStatus.REJECTED);
        assertThat(gateway.refundsOf("ch_unsent")).isEmpty();
    }

    private boolean attemptIsUnknown(UUID refund) {
        return "unknown"
                .equals(JdbcClient.create(TestServices.postgres().superuser())
                        .sql("select state from refund_gateway_attempts where refund_id = ?")
                        .param(refund)
                        .query(String.class)
                        .optional()
                        .orElse(null));
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
    void aSecondInstanceForTheSameRefundEndsWithoutEffect() {
        UUID refund = books.request(books.cardPayment("300.00", "ch_second"), "120.00");
        HumanTask task = books.awaitTask(refund, RefundSteps.APPROVE);
        List<String> before = steps(refund);

        long second = engine.newCreateInstanceCommand()
                .bpmnProcessId(RefundSteps.PROCESS)
                .latestVersion()
                .variables(Map.of("orgId", books.hospital.id().toString(), "refundId", refund.toString()))
                .startBeforeElement(RefundSteps.COLLECT_FACTS)
                .send()
                .join()
                .getProcessInstanceKey();

        await().atMost(Duration.ofSeconds(30)).until(() -> !isLive(second));
        assertThat(steps(refund)).isEqualTo(before);
        books.hospital.run(() -> {
            assertThat(decisions.of(Refunds.SUBJECT, refund)).hasSize(1);
            assertThat(instances.find(RefundSteps.PROCESS, refund.toString()).orElseThrow())
                    .satisfies(first -> {
                        assertThat(first.processInstanceKey()).isNotEqualTo(second);
                        assertThat(first.endedAt()).isNull();
                    });
        });
        decide(Role.BILLING_MANAGER, refund, task, true);
        books.awaitStatus(refund, RefundStatus.COMPLETED);
        assertThat(gateway.refundsOf("ch_second")).hasSize(1);
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

    /** Asked of the engine itself. */
    private boolean isLive(long processInstance) {
        try {
            engine.newSetVariablesCommand(processInstance)
                    .variables(Map.of("probe", true))
                    .send()
                    .join();
            return true;
        } catch (ClientStatusException e) {
            if (e.getStatusCode() == Status.Code.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private List<String> steps(UUID refund) {
        return books.hospital.call(() -> timeline.of(Refunds.SUBJECT, refund)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private String actorOf(UUID refund, String step) {
        return books.hospital.call(() -> timeline.of(Refunds.SUBJECT, refund)).stream()
                .filter(entry -> entry.step().equals(step))
                .findFirst()
                .orElseThrow()
                .actor();
    }
}
