package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.Invariants;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestServices;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditClassification;
import io.remitflow.refunds.CreditFilter;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.BulkApprovals;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskQuery;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The process of a credit balance on the real engine: each of its tasks in Tasklist, its legal clock, and how it ends.
 *
 * <p>The one that moves the clock comes last: what starts after it would be overdue at once.
 */
@RemitflowTest
@TestMethodOrder(MethodOrderer.MethodName.class)
class CreditBalanceProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    CreditBalances credits;

    @Autowired
    CreditReturns returns;

    @Autowired
    HumanTasks tasks;

    @Autowired
    Timeline timeline;

    RemittanceBooks books;

    @BeforeEach
    void openHospital() {
        books = new RemittanceBooks(context);
        books.hospital.user(Role.BILLING_MANAGER);
        books.claim("C1", "200.00");
        books.hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(status -> context.getBean(JdbcClient.class)
                        .sql("update billing_payers set payer_class = 'medicare'")
                        .update()));
    }

    @Test
    void moneyOfMedicareGoesBackByTasksThatAreAllDoneInTasklist() {
        CreditBalance credit = paidTwice();
        HumanTask classify = awaitTask(CreditBalanceSteps.CLASSIFY, null);
        assertThat(classify.candidateGroups()).containsExactlyInAnyOrder("billing-clerk", "billing-manager");
        complete(Role.ANALYST, classify, classification("payer", "medicare", "duplicate_payment"));
        HumanTask again = awaitTask(CreditBalanceSteps.CLASSIFY, classify);
        assertThat(get(credit).refusal()).contains("permission");
        complete(Role.BILLING_CLERK, again, classification("payer", "medicare", "duplicate_payment"));

        HumanTask resolve = awaitTask(CreditBalanceSteps.RESOLVE, null);
        assertThat(get(credit).classifiedBy()).isEqualTo(books.hospital.user(Role.BILLING_CLERK));
        complete(Role.BILLING_CLERK, resolve, resolution("investigate", ""));
        HumanTask investigate = awaitTask(CreditBalanceSteps.INVESTIGATE, null);
        complete(Role.BILLING_CLERK, investigate, Map.of("finding", "Both payments are for the same service"));
        HumanTask decide = awaitTask(CreditBalanceSteps.RESOLVE, resolve);
        complete(Role.BILLING_CLERK, decide, resolution("payer_refund", "check"));

        HumanTask approve = awaitTask(CreditBalanceSteps.APPROVE, null);
        assertThat(approve.candidateGroups()).containsExactly("billing-manager");
        await().atMost(PATIENCE)
                .untilAsserted(() -> books.hospital.run(() -> assertThat(context.getBean(BulkApprovals.class)
                                .subject(tasks.find(approve.key()).orElseThrow()))
                        .as("listed among what waits for an approval")
                        .hasValueSatisfying(
                                subject -> assertThat(subject.type()).isEqualTo(CreditReturns.SUBJECT))));
        complete(Role.BILLING_MANAGER, approve, Map.of("decision", "approve", "comment", "Right"));
        HumanTask pay = awaitTask(CreditBalanceSteps.PAY_BACK, null);
        complete(Role.BILLING_MANAGER, pay, Map.of("payoutReference", "4711"));
        HumanTask payAgain = awaitTask(CreditBalanceSteps.PAY_BACK, pay);
        assertThat(get(credit).refusal()).contains("cannot pay it out");
        complete(Role.ACCOUNTING_STAFF, payAgain, Map.of("payoutReference", "4711"));

        await().atMost(PATIENCE).until(() -> get(credit).isResolved());
        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        books.hospital.run(() -> assertThat(
                        returns.approvals(returns.of(credit.id()).getFirst().id()))
                .extracting(Approval::source, Approval::decidedBy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("tasklist", books.hospital.user(Role.BILLING_MANAGER))));
        Invariants.ofTests().holdWhenQuiet(Duration.ofSeconds(60));
    }

    @Test
    void theClockIsHeldByAnInvestigationRemindsAndEscalatesAndAReversalEndsTheProcess() {
        CreditBalance credit = paidTwice();
        complete(
                Role.BILLING_CLERK,
                awaitTask(CreditBalanceSteps.CLASSIFY, null),
                classification("payer", "medicare", "duplicate_payment"));
        HumanTask resolve = awaitTask(CreditBalanceSteps.RESOLVE, null);
        complete(Role.BILLING_CLERK, resolve, resolution("investigate", ""));
        HumanTask investigate = awaitTask(CreditBalanceSteps.INVESTIGATE, null);

        advance(58);
        await().during(Duration.ofSeconds(5))
                .atMost(PATIENCE)
                .until(() -> !steps(credit).contains("Reminder"));
        complete(Role.BILLING_CLERK, investigate, Map.of("finding", "Paid twice"));
        HumanTask decide = awaitTask(CreditBalanceSteps.RESOLVE, resolve);
        await().atMost(PATIENCE).until(() -> steps(credit).contains("Reminder"));
        assertThat(steps(credit)).doesNotContain("Escalated");

        advance(3);
        await().atMost(PATIENCE).until(() -> get(credit).isEscalated());
        HumanTask escalated = awaitTask(CreditBalanceSteps.RESOLVE, decide);
        assertThat(escalated.candidateGroups()).containsExactlyInAnyOrder("billing-manager", "cfo");

        books.receive(EraText.of("CB3", "0", """
                CLP*C1*22*-200*-160*-40*12*PCN1*11*1
                CAS*PR*1*-40
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:X*-160
                """));
        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        Invariants.ofTests().holdWhenQuiet(Duration.ofSeconds(60));
        await().atMost(PATIENCE)
                .until(() -> books.hospital
                        .call(() -> tasks.open(TaskQuery.all().at(CreditBalanceSteps.RESOLVE)))
                        .isEmpty());
    }

    /** 160.00 of it twice: with the patient's share that was moved twice the credit is 200.00. */
    private CreditBalance paidTwice() {
        String paid = """
                CLP*C1*1*200*160*40*12*PCN1*11*1
                CAS*PR*1*40
                NM1*QC*1*DOE*JANE
                """;
        books.receive(EraText.of("CB1", "160.00", paid));
        books.receive(EraText.of("CB2", "160.00", paid));
        CreditBalance credit = books.hospital
                .call(() -> credits.list(CreditFilter.unresolved()))
                .getFirst();
        assertThat(Objects.requireNonNull(credit.classification()).payerClass())
                .isEqualTo(CreditClassification.PayerClass.MEDICARE);
        return credit;
    }

    private static Map<String, Object> classification(String belongsTo, String payerClass, String cause) {
        return Map.of("belongsTo", belongsTo, "payerClass", payerClass, "causeCode", cause, "note", "");
    }

    private static Map<String, Object> resolution(String choice, String method) {
        return Map.of("choice", choice, "method", method, "targetNumber", "", "reason", "Because of the file");
    }

    private CreditBalance get(CreditBalance credit) {
        return books.hospital.call(() -> credits.get(credit.id()));
    }

    private List<String> steps(CreditBalance credit) {
        return books.hospital.call(() -> timeline.of(CreditBalances.SUBJECT, credit.id())).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private void complete(Role role, HumanTask task, Map<String, ?> variables) {
        books.hospital.run(() -> tasks.complete(task.key(), books.hospital.signInName(role), variables));
    }

    private HumanTask awaitTask(String element, @Nullable HumanTask before) {
        return await().atMost(PATIENCE)
                .until(
                        () -> books
                                .hospital
                                .call(() -> tasks.open(TaskQuery.all().at(element)))
                                .stream()
                                .filter(task -> before == null || task.key() > before.key())
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }

    private static void advance(long days) {
        TestServices.stack().broker().advance(Duration.ofDays(days));
    }
}
