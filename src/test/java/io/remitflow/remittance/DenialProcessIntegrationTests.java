package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.adjustments.Adjustments;
import io.remitflow.adjustments.WriteOffSteps;
import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialChoice;
import io.remitflow.claims.DenialClosing;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.DenialReopening;
import io.remitflow.claims.DenialRound;
import io.remitflow.claims.DenialStatus;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.DenialWork;
import io.remitflow.claims.Denials;
import io.remitflow.claims.Payers;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.Invariants;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** The process of a denial on the real engine: its clock, its tasks here and in Tasklist, and how a payment ends it. */
@RemitflowTest
class DenialProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    Denials denials;

    @Autowired
    DenialWork work;

    @Autowired
    Payers payers;

    @Autowired
    Decisions decisions;

    @Autowired
    HumanTasks tasks;

    @Autowired
    ProcessInstances instances;

    @Autowired
    Timeline timeline;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void openHospital() {
        books = new RemittanceBooks(context);
        books.claim("C1", "500.00");
    }

    @Test
    void theRuleClassifiesByReasonCodeAndHasNoGap() {
        assertThat(classOf("27", true)).isEqualTo("eligibility");
        assertThat(classOf("31", false)).isEqualTo("eligibility");
        assertThat(classOf("197", true)).isEqualTo("authorization");
        assertThat(classOf("198", null)).isEqualTo("authorization");
        assertThat(classOf("29", false)).isEqualTo("timely_filing");
        assertThat(classOf("18", false)).isEqualTo("duplicate");
        assertThat(classOf("22", false)).isEqualTo("coordination_of_benefits");
        assertThat(classOf("16", true)).isEqualTo("information");
        assertThat(classOf("16", false)).isEqualTo("information");
        assertThat(classOf("16", null)).isEqualTo("information");
        assertThat(classOf("97", false)).isEqualTo("bundling");
        assertThat(classOf("B15", false)).isEqualTo("bundling");
        assertThat(classOf("45", false)).isEqualTo("other");
        assertThat(classOf("NEW1", true)).isEqualTo("other");
        assertThat(classOf("", true)).isEqualTo("other");
        assertThat(classOf(null, null)).isEqualTo("other");
        assertThat(classOf("16", true, false)).isEqualTo("information");
        assertThat(classOf("16", true, true)).isEqualTo("underpayment");
        assertThat(classOf(null, null, true)).isEqualTo("underpayment");
    }

    @Test
    void anAppealFromTasklistWaitsForThePayerAndALaterPaymentEndsTheProcess() {
        Denial denial = deny("CO", "197");
        HumanTask decide = awaitTask(denial, DenialSteps.WORK, null);
        assertThat(decide.candidateGroups()).containsExactlyInAnyOrder("billing-clerk", "billing-manager");
        completeInTasklist(Role.ANALYST, decide, Map.of("choice", "appeal"));
        HumanTask again = awaitTask(denial, DenialSteps.WORK, decide);
        assertThat(get(denial).refusalReason()).contains("permission");

        completeInTasklist(Role.BILLING_CLERK, again, Map.of("choice", "appeal"));
        HumanTask appeal = awaitTask(denial, DenialSteps.APPEAL, null);
        completeInTasklist(Role.BILLING_CLERK, appeal, Map.of("outcome", "sent", "reference", "Portal 81-4711"));
        await().atMost(PATIENCE).until(() -> get(denial).status() == DenialStatus.WAITING);
        assertThat(java.util.Objects.requireNonNull(get(denial).sent()).reference())
                .isEqualTo("Portal 81-4711");

        books.receive(EraText.of("DP2", "500", """
                CLP*C1*1*500*500*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*500**1
                """));

        assertThat(get(denial).closing()).isEqualTo(DenialClosing.PAID);
        awaitEnd(denial);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void theAppealClockRemindsEscalatesAndExpiresAndTheCaseStaysInWork() {
        Denial denial = deny("CO", "197");
        HumanTask decide = awaitTask(denial, DenialSteps.WORK, null);
        LocalDate today =
                books.hospital.call(() -> context.getBean(Organizations.class).today());
        long days = ChronoUnit.DAYS.between(today, denial.appealLimitOn());

        advance(days - 44);
        await().atMost(PATIENCE).until(() -> steps(denial).contains("Reminder"));
        assertThat(steps(denial)).doesNotContain("Escalated");
        advance(31);
        await().atMost(PATIENCE).until(() -> steps(denial).contains("Escalated"));
        assertThat(steps(denial)).doesNotContain("Appeal limit passed");
        advance(16);
        await().atMost(PATIENCE).until(() -> get(denial).expiredAt() != null);

        assertThat(steps(denial)).containsSubsequence("Reminder", "Escalated", "Appeal limit passed");
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.choose(denial.id(), decide.key(), DenialChoice.CORRECT));
        HumanTask correct = awaitTask(denial, DenialSteps.CORRECT, null);
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.send(denial.id(), correct.key(), "Claim MG-2"));
        await().atMost(PATIENCE).until(() -> instanceWaits(denial));
        advance(46);
        awaitTask(denial, DenialSteps.WORK, decide);
        assertThat(steps(denial)).contains("No answer");
    }

    @Test
    void thePatientIsBilledByTheProcessWhereItIsAllowed() {
        books.hospital.run(() -> payers.changeTerms(books.payer, new Payers.Terms(180, true)));
        Denial denial = deny("OA", "27");
        HumanTask decide = awaitTask(denial, DenialSteps.WORK, null);

        books.hospital.runAs(
                Role.BILLING_CLERK, () -> work.choose(denial.id(), decide.key(), DenialChoice.BILL_PATIENT));

        awaitEnd(denial);
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.BILLED_TO_PATIENT);
        assertThat(books.patientBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void aRejectedWriteOffBringsTheDenialBackAndAnApprovedOneClosesIt() {
        books.hospital.user(Role.BILLING_MANAGER);
        Denial denial = deny("CO", "29");
        HumanTask decide = awaitTask(denial, DenialSteps.WORK, null);
        completeInTasklist(Role.BILLING_CLERK, decide, Map.of("choice", "write_off"));
        HumanTask approve = awaitTask(denial, WriteOffSteps.APPROVE, null);
        assertThat(approve.candidateGroups()).containsExactly("billing-manager");
        assertThat(get(denial).status()).isEqualTo(DenialStatus.WRITING_OFF);

        completeInTasklist(Role.BILLING_MANAGER, approve, Map.of("decision", "reject", "comment", "Appeal it first"));

        HumanTask again = awaitTask(denial, DenialSteps.WORK, decide);
        assertThat(get(denial).status()).isEqualTo(DenialStatus.OPEN);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.balanceMinor("4900")).isZero();

        completeInTasklist(Role.BILLING_CLERK, again, Map.of("choice", "write_off"));
        HumanTask second = awaitTask(denial, WriteOffSteps.APPROVE, approve);
        completeInTasklist(Role.BILLING_MANAGER, second, Map.of("decision", "approve"));

        awaitEnd(denial);
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.WRITTEN_OFF);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.queryAll("select status from billing_adjustments order by id", String.class))
                .containsExactly("rejected", "posted");
        Invariants.ofTests().hold();
    }

    @Test
    void aTakenBackPaymentBeginsASecondProcessWhoseTasksAndMessagesAreItsOwn() {
        Denial denial = deny("CO", "197");
        HumanTask decide = awaitTask(denial, DenialSteps.WORK, null);
        books.receive(EraText.of("DP2", "500", """
                CLP*C1*1*500*500*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*500**1
                """));
        books.receive(EraText.of("DP3", "0", """
                CLP*C1*22*-500*-500*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*-500*-500**-1
                PLB*1234567893*20261231*FB:DP2*-500.00
                """));

        awaitEnd(denial);
        HumanTask again = awaitTask(denial, DenialSteps.WORK, decide);
        Denial second = get(denial);
        assertThat(second.round()).isEqualTo(2);
        assertThat(second.triage()).isNotNull();
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.choose(denial.id(), again.key(), DenialChoice.CORRECT));
        HumanTask correct = awaitTask(denial, DenialSteps.CORRECT, null);
        books.hospital.runAs(Role.BILLING_CLERK, () -> work.send(denial.id(), correct.key(), "Claim MG-3"));
        books.receive(EraText.of("DP4", "500", """
                CLP*C1*1*500*500*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*500*500**1
                """));

        awaitEnd(second);
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.PAID);
        assertThat(steps(denial)).containsSubsequence("Denied", "Paid", "Reopened", "Triaged", "Sent again", "Paid");
    }

    @Test
    void aWriteOffThatIsTakenBackOpensItsDenialAgain() {
        books.hospital.user(Role.BILLING_MANAGER);
        Denial denial = deny("CO", "29");
        HumanTask decide = awaitTask(denial, DenialSteps.WORK, null);
        completeInTasklist(Role.BILLING_CLERK, decide, Map.of("choice", "write_off"));
        HumanTask approve = awaitTask(denial, WriteOffSteps.APPROVE, null);
        completeInTasklist(Role.BILLING_MANAGER, approve, Map.of("decision", "approve"));
        awaitEnd(denial);
        UUID writeOff = java.util.Objects.requireNonNull(get(denial).writeOffId());
        var reopening = context.getBean(DenialReopening.class);
        assertThat(books.hospital.call(() -> reopening.obstacle(denial.id())).orElse(""))
                .contains("once that write-off is reversed");

        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> context.getBean(Adjustments.class).requestReversal(writeOff, "The payer pays after all"));
        HumanTask approveReversal = awaitTask(denial, WriteOffSteps.APPROVE, approve);
        completeInTasklist(Role.BILLING_MANAGER, approveReversal, Map.of("decision", "approve"));

        HumanTask again = awaitTask(denial, DenialSteps.WORK, decide);
        assertThat(TestClient.browser(port)
                        .signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                        .get("/app/denials/" + denial.id())
                        .body())
                .as("the task of this round is done on our page too")
                .contains(String.valueOf(again.key()));
        assertThat(get(denial).open()).isEqualTo(usd("500.00"));
        assertThat(books.hospital.call(() -> reopening.rounds(denial.id())))
                .extracting(DenialRound::closing, round -> round.reopening().because())
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        DenialClosing.WRITTEN_OFF, DenialRound.Because.WRITE_OFF_TAKEN_BACK));
        completeInTasklist(Role.BILLING_CLERK, again, Map.of("choice", "write_off"));
        HumanTask third = awaitTask(denial, WriteOffSteps.APPROVE, approveReversal);
        completeInTasklist(Role.BILLING_MANAGER, third, Map.of("decision", "approve"));
        awaitEnd(get(denial));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        Invariants.ofTests().hold();
    }

    private Object classOf(@Nullable String code, @Nullable Boolean remark) {
        return classOf(code, remark, null);
    }

    private Object classOf(@Nullable String code, @Nullable Boolean remark, @Nullable Boolean underpaid) {
        Map<String, Object> inputs = new HashMap<>();
        inputs.put("underpaid", underpaid);
        inputs.put("reasonCode", code);
        inputs.put("hasRemark", remark);
        return java.util.Objects.requireNonNull(books.hospital
                .call(() -> decisions.decide("denial-triage", "test", UUID.randomUUID(), inputs))
                .get("denialClass"));
    }

    private Denial deny(String group, String code) {
        books.receive(EraText.of("DP1", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*%s*%s*500
                NM1*QC*1*DOE*JANE
                """.formatted(group, code))
                .paidOn(books.hospital.call(
                        () -> context.getBean(Organizations.class).today())));
        UUID claim = books.claimOf("C1").id();
        return books.hospital
                .call(() -> denials.list(DenialFilter.ofClaim(claim, false)))
                .getFirst();
    }

    private Denial get(Denial denial) {
        return books.hospital.call(() -> denials.get(denial.id()));
    }

    private List<String> steps(Denial denial) {
        return books.hospital.call(() -> timeline.of(Denials.SUBJECT, denial.id())).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private void completeInTasklist(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }

    private HumanTask awaitTask(Denial denial, String element, @Nullable HumanTask before) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> before == null || task.key() != before.key())
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    /** Nobody has a task of it any more, and the corrected claim is on its way. */
    private boolean instanceWaits(Denial denial) {
        return get(denial).status() == DenialStatus.WAITING
                && books.hospital
                        .call(() -> tasks.open(TaskQuery.all().at(DenialSteps.CORRECT)))
                        .isEmpty();
    }

    private void awaitEnd(Denial denial) {
        await().atMost(PATIENCE)
                .until(() -> books.hospital.call(() -> instances
                        .find(DenialSteps.PROCESS, denial.processKey())
                        .map(instance -> instance.endedAt() != null)
                        .orElse(false)));
    }

    private static void advance(long days) {
        TestServices.stack().broker().advance(Duration.ofDays(days));
    }
}
