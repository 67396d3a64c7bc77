package io.remitflow.adjustments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.camunda.client.CamundaClient;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** The process of a write-off on the real engine. */
@RemitflowTest
class WriteOffProcessIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Adjustments adjustments;

    @Autowired
    AdjustmentApprovals approvals;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    HumanTasks tasks;

    @Autowired
    CamundaClient engine;

    TestHospital hospital;
    UUID account;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        hospital.user(Role.BILLING_MANAGER);
        hospital.user(Role.CFO);
        var opened = new AtomicReference<UUID>();
        hospital.runAs(
                Role.BILLING_CLERK,
                () -> opened.set(accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID()))));
        account = opened.get();
        hospital.run(() -> context.getBean(TransactionTemplate.class).executeWithoutResult(transaction -> {
            var day = TestHospital.today();
            var entry = context.getBean(Journal.class)
                    .post(NewEntry.on(day, "test", "owes:" + account, "Charge")
                            .debit(StandardAccount.AR_PATIENTS, usd("1000.00"))
                            .credit(StandardAccount.REVENUE_OUTPATIENT, usd("1000.00"))
                            .inOpenPeriod()
                            .build());
            accounts.record(new AccountPosting(
                    account,
                    day,
                    TransactionType.CHARGE,
                    Responsibility.PATIENT,
                    usd("1000.00"),
                    null,
                    null,
                    null,
                    entry.id(),
                    "Charge",
                    "owes:" + account));
        }));
    }

    @Test
    void billingStaffWriteOffLittleOnTheirOwnAuthorityAndMoreOnlyWithAnApprovalInTasklist() {
        UUID small = request("49.99");
        awaitStatus(small, AdjustmentStatus.POSTED);

        UUID medium = request("60.00");
        HumanTask first = awaitTask(medium, -1);
        assertThat(first.candidateGroups()).containsExactly("billing-manager");
        completeInTasklist(Role.BILLING_CLERK, first);
        HumanTask second = awaitTask(medium, first.key());
        assertThat(status(medium)).isEqualTo(AdjustmentStatus.PENDING);
        completeInTasklist(Role.BILLING_MANAGER, second);
        awaitStatus(medium, AdjustmentStatus.POSTED);
        hospital.run(() -> {
            assertThat(approvals.of(medium)).extracting(Approval::source).containsExactly("tasklist");
            assertThat(approvals.of(medium))
                    .extracting(Approval::rule)
                    .allMatch(rule -> Objects.requireNonNull(rule).startsWith("write-off-approval version"));
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("890.01"));
        });
    }

    @Test
    void nobodyDecidingIsRemindedAndThenTheCfoIsAskedAndARejectionEndsIt() {
        UUID id = request("60.00");
        HumanTask first = awaitTask(id, -1);
        TestServices.stack().broker().advance(Duration.ofDays(2).plusMinutes(1));
        await().atMost(Duration.ofSeconds(60)).until(() -> steps(id).contains("Reminder"));
        TestServices.stack().broker().advance(Duration.ofDays(2).plusMinutes(1));
        HumanTask escalated = awaitTask(id, first.key());
        assertThat(escalated.candidateGroups()).containsExactly("cfo");
        assertThat(steps(id)).contains("Escalated");

        decide(Role.CFO, id, escalated, false);

        awaitStatus(id, AdjustmentStatus.REJECTED);
        awaitNoTask(escalated);
        assertThat(balance()).isEqualTo(usd("1000.00"));
    }

    @Test
    void anApprovalWhoseTaskGoesBeforeItArrivesIsPostedAndNobodyIsAskedAgain() {
        UUID escalated = request("60.00");
        HumanTask first = awaitTask(escalated, -1);
        // Their completions find no task, as those that arrive too late.
        decide(Role.BILLING_MANAGER, escalated, 4_503_599_627_370_495L, true);
        TestServices.stack().broker().advance(Duration.ofDays(4).plusMinutes(1));

        awaitStatus(escalated, AdjustmentStatus.POSTED);
        assertThat(steps(escalated)).doesNotContain("Escalated");
        awaitNoTask(first);

        UUID changed = request("70.00");
        awaitTask(changed, -1);
        decide(Role.BILLING_MANAGER, changed, 4_503_599_627_370_494L, true);
        engine.newPublishMessageCommand()
                .messageName("adjustments.changed")
                .correlationKey(changed.toString())
                .send()
                .join();

        awaitStatus(changed, AdjustmentStatus.POSTED);
        assertThat(balance()).isEqualTo(usd("870.00"));
    }

    @Test
    void anAmountChangedMeanwhileIsApprovedAnewAndTheOldTaskPostsNothing() {
        UUID id = request("600.00");
        HumanTask first = awaitTask(id, -1);
        assertThat(first.candidateGroups()).containsExactly("cfo");
        hospital.runAs(Role.BILLING_CLERK, () -> adjustments.changeAmount(id, usd("70.00")));

        HumanTask second = awaitTask(id, first.key());
        assertThat(second.candidateGroups()).containsExactly("billing-manager");
        assertThatThrownBy(() -> completeInTasklist(Role.CFO, first)).isInstanceOf(RuleViolation.class);
        assertThat(balance()).isEqualTo(usd("1000.00"));
        decide(Role.BILLING_MANAGER, id, second, true);

        awaitStatus(id, AdjustmentStatus.POSTED);
        assertThat(balance()).isEqualTo(usd("930.00"));
    }

    @Test
    void aCancelledOneEndsItsProcess() {
        UUID id = request("60.00");
        HumanTask task = awaitTask(id, -1);

        hospital.runAs(Role.BILLING_CLERK, () -> adjustments.cancel(id, "Asked by mistake"));

        awaitNoTask(task);
        assertThat(status(id)).isEqualTo(AdjustmentStatus.CANCELLED);
        assertThat(balance()).isEqualTo(usd("1000.00"));
    }

    @Test
    void aReversalIsApprovedByItsOwnProcessAndMakesItOwedAgain() {
        UUID id = request("40.00");
        awaitStatus(id, AdjustmentStatus.POSTED);
        assertThat(balance()).isEqualTo(usd("960.00"));
        var reversal = new AtomicReference<UUID>();
        hospital.runAs(
                Role.BILLING_CLERK, () -> reversal.set(adjustments.requestReversal(id, "The patient paid after all")));

        HumanTask task = awaitTask(reversal.get(), -1);
        assertThat(task.candidateGroups()).containsExactly("billing-manager");
        decide(Role.BILLING_MANAGER, reversal.get(), task, true);

        awaitStatus(id, AdjustmentStatus.REVERSED);
        awaitStatus(reversal.get(), AdjustmentStatus.POSTED);
        assertThat(balance()).isEqualTo(usd("1000.00"));
    }

    private void decide(Role role, UUID id, HumanTask task, boolean approve) {
        decide(role, id, task.key(), approve);
    }

    private void decide(Role role, UUID id, long task, boolean approve) {
        hospital.runAs(
                role,
                () -> approvals.decide(
                        id, new ApprovalDecision(task, adjustments.get(id).version(), approve, approve ? null : "No")));
    }

    private void awaitNoTask(HumanTask task) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> hospital.call(() -> tasks.find(task.key())).isEmpty());
    }

    private List<String> steps(UUID id) {
        return hospital.call(() -> context.getBean(Timeline.class).of(Adjustments.SUBJECT, id)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private Money balance() {
        return hospital.call(() -> accounts.get(account).patientBalance());
    }

    private UUID request(String amount) {
        var id = new AtomicReference<UUID>();
        hospital.runAs(
                Role.BILLING_CLERK,
                () -> id.set(adjustments.request(new AdjustmentRequest(
                        account,
                        null,
                        Responsibility.PATIENT,
                        AdjustmentType.WRITE_OFF,
                        usd(amount),
                        "Not collectible"))));
        return id.get();
    }

    private void completeInTasklist(Role role, HumanTask task) {
        hospital.run(() -> tasks.complete(task.key(), hospital.signInName(role), Map.of("decision", "approve")));
    }

    private HumanTask awaitTask(UUID id, long otherThan) {
        return await().atMost(Duration.ofSeconds(90))
                .until(
                        () -> hospital.call(() -> tasks.open(TaskQuery.all().at(WriteOffSteps.APPROVE))).stream()
                                .filter(task -> task.key() != otherThan)
                                .flatMap(task -> hospital.call(() -> tasks.find(task.key())).stream())
                                .filter(task ->
                                        id.toString().equals(task.variables().get("adjustmentId")))
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private AdjustmentStatus status(UUID id) {
        return hospital.call(() -> adjustments.get(id)).status();
    }

    private void awaitStatus(UUID id, AdjustmentStatus status) {
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(status(id)).isEqualTo(status));
    }

    private static Money usd(String amount) {
        return Money.of(CurrencyUnit.USD, new BigDecimal(amount));
    }
}
