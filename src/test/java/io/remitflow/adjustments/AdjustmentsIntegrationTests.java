package io.remitflow.adjustments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Delegations;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.RelatedCases;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class AdjustmentsIntegrationTests {

    private static final AtomicLong TASK_KEYS = new AtomicLong(9_000_000);

    @Autowired
    ApplicationContext context;

    @Autowired
    Adjustments adjustments;

    @Autowired
    AdjustmentApprovals approvals;

    @Autowired
    AdjustmentPosting posting;

    @Autowired
    PatientAccounts accounts;

    @Autowired
    ChartOfAccounts chart;

    @Autowired
    Journal journal;

    @Autowired
    Delegations delegations;

    @Autowired
    TransactionTemplate transactions;

    @LocalServerPort
    int port;

    TestHospital hospital;
    UUID account;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        account = as(Role.BILLING_CLERK, () -> accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
        owes("1000.00");
        hospital.user(Role.BILLING_MANAGER);
        hospital.user(Role.CFO);
    }

    @Test
    void aWriteOffReducesWhatThePatientOwesOnceAndBalances() {
        UUID id = approved(AdjustmentType.CHARITY, "300.00");
        hospital.run(() -> {
            assertThat(posting.post(id)).isTrue();
            assertThat(posting.post(id)).isTrue();
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("700.00"));
            assertThat(chart.get(StandardAccount.CHARITY_CARE).balance()).isEqualTo(usd("300.00"));
            assertThat(adjustments.get(id).status()).isEqualTo(AdjustmentStatus.POSTED);
        });
    }

    @Test
    void d17_aCardNumberIsWrittenIntoNoReason() {
        String text = "Paid by 4242 4242 4242 4242";
        UUID id = request(AdjustmentType.CHARITY, "20.00");

        for (ThrowingCallable work : List.<ThrowingCallable>of(
                () -> as(
                        Role.BILLING_CLERK,
                        () -> adjustments.request(new AdjustmentRequest(
                                account, null, Responsibility.PATIENT, AdjustmentType.CHARITY, usd("5.00"), text))),
                () -> hospital.runAs(Role.BILLING_CLERK, () -> adjustments.cancel(id, text)))) {
            assertThatExceptionOfType(RuleViolation.class)
                    .isThrownBy(work)
                    .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_INPUT));
        }
        assertThat(hospital.call(() -> adjustments.get(id)).status()).isEqualTo(AdjustmentStatus.PENDING);
    }

    @Test
    void theBoardHasAColumnPerStateAndIsNarrowedByAmountAndAge() {
        String small = number(request(AdjustmentType.CHARITY, "20.00"));
        String large = number(approved(AdjustmentType.CHARITY, "300.00"));
        var clerk = TestClient.browser(port).signIn(hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);

        String board = clerk.get("/app/write-offs?show=board").body();
        assertThat(board.split("rf-column")).as("columns").hasSizeGreaterThan(2);
        assertThat(board).contains(small, large);
        assertThat(board.indexOf(small)).as("pending before approved").isLessThan(board.indexOf(large));
        assertThat(clerk.get("/app/write-offs?show=board&minimum=100.00").body())
                .contains(large)
                .doesNotContain(small);
        assertThat(clerk.get("/app/write-offs?show=approved").body())
                .contains(large)
                .doesNotContain(small);
        assertThat(clerk.get("/app/write-offs?show=board&days=3").body()).doesNotContain(large, small);
        assertThat(clerk.get("/app/write-offs?minimum=much").statusCode()).isEqualTo(400);
        assertThat(TestClient.browser(port)
                        .signIn(hospital.signInName(Role.ANALYST), TestHospital.PASSWORD)
                        .get("/app/write-offs?show=board")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aBoardThatIsTooFullLeavesOutTheNewestAndCountsThem() {
        UUID oldest = request(AdjustmentType.CHARITY, "20.00");
        request(AdjustmentType.CHARITY, "30.00");
        approved(AdjustmentType.CHARITY, "300.00");
        var one = new AdjustmentFilter(null, true, null, 0, null, 1);

        hospital.run(() -> {
            assertThat(adjustments.oldest(one)).extracting(Adjustment::id).containsExactly(oldest);
            assertThat(adjustments.counts(one))
                    .containsOnly(entry(AdjustmentStatus.PENDING, 2L), entry(AdjustmentStatus.APPROVED, 1L));
        });
    }

    private String number(UUID id) {
        return hospital.call(() -> adjustments.get(id)).number();
    }

    @Test
    void badDebtIsAnExpenseUnlessThereIsAnAllowance() {
        UUID first = approved(AdjustmentType.BAD_DEBT, "100.00");
        hospital.run(() -> {
            posting.post(first);
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("100.00"));
            journal.post(NewEntry.on(TestHospital.today(), "test", "allowance:" + account, "x")
                    .debit(StandardAccount.BAD_DEBT_EXPENSE, usd("500.00"))
                    .credit(StandardAccount.ALLOWANCE, usd("500.00"))
                    .inOpenPeriod()
                    .build());
        });
        UUID second = approved(AdjustmentType.BAD_DEBT, "200.00");
        hospital.run(() -> {
            posting.post(second);
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("600.00"));
            assertThat(chart.get(StandardAccount.ALLOWANCE).balance()).isEqualTo(usd("300.00"));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "DISCOUNT, PRICE_CONCESSIONS",
        "COURTESY, PRICE_CONCESSIONS",
        "WRITE_OFF, PRICE_CONCESSIONS",
        "OTHER, PRICE_CONCESSIONS",
        "CONTRACTUAL, CONTRACTUAL_ADJUSTMENTS",
        "PRICE_CORRECTION, CONTRACTUAL_ADJUSTMENTS",
        "CODING_CORRECTION, CONTRACTUAL_ADJUSTMENTS",
        "CHARITY, CHARITY_CARE",
        "SMALL_BALANCE, BAD_DEBT_EXPENSE",
        "BAD_DEBT, BAD_DEBT_EXPENSE"
    })
    void eachKindIsBorneByItsOwnAccountAndComesBackFromThere(AdjustmentType type, StandardAccount bearer) {
        UUID id = approved(type, "120.00");
        hospital.run(() -> {
            posting.post(id);
            assertThat(chart.get(bearer).balance()).isEqualTo(usd("120.00"));
            assertThat(chart.get(StandardAccount.AR_PATIENTS).balance()).isEqualTo(usd("880.00"));
        });
        UUID reversal = as(Role.BILLING_CLERK, () -> adjustments.requestReversal(id, "Paid after all"));
        approve(reversal, "billing-manager");
        hospital.run(() -> {
            posting.post(reversal);
            assertThat(chart.get(bearer).balance()).isEqualTo(usd("0.00"));
            assertThat(chart.get(StandardAccount.AR_PATIENTS).balance()).isEqualTo(usd("1000.00"));
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"BAD_DEBT", "SMALL_BALANCE"})
    void whatIsLeftOfTheAllowanceIsUsedUpAndTheRestIsAnExpense(AdjustmentType type) {
        hospital.run(() -> journal.post(NewEntry.on(TestHospital.today(), "test", "allowance:" + account, "x")
                .debit(StandardAccount.BAD_DEBT_EXPENSE, usd("150.00"))
                .credit(StandardAccount.ALLOWANCE, usd("150.00"))
                .inOpenPeriod()
                .build()));
        UUID first = approved(type, "149.99");
        UUID second = approved(type, "200.00");
        UUID third = approved(type, "10.00");
        hospital.run(() -> {
            posting.post(first);
            assertThat(chart.get(StandardAccount.ALLOWANCE).balance()).isEqualTo(usd("0.01"));
            posting.post(second);
            assertThat(chart.get(StandardAccount.ALLOWANCE).balance()).isEqualTo(usd("0.00"));
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("349.99"));
            posting.post(third);
            assertThat(chart.get(StandardAccount.ALLOWANCE).balance()).isEqualTo(usd("0.00"));
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("359.99"));
        });
        UUID reversal = as(Role.BILLING_CLERK, () -> adjustments.requestReversal(second, "Paid after all"));
        approve(reversal, "billing-manager");
        hospital.run(() -> {
            posting.post(reversal);
            assertThat(chart.get(StandardAccount.ALLOWANCE).balance()).isEqualTo(usd("0.01"));
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("160.00"));
        });
    }

    @Test
    void eightWriteOffsAtOnceNeverTakeMoreFromTheAllowanceThanThereIs() throws Exception {
        hospital.run(() -> journal.post(NewEntry.on(TestHospital.today(), "test", "allowance:" + account, "x")
                .debit(StandardAccount.BAD_DEBT_EXPENSE, usd("50.00"))
                .credit(StandardAccount.ALLOWANCE, usd("50.00"))
                .inOpenPeriod()
                .build()));
        List<Callable<Boolean>> all = new java.util.ArrayList<>();
        for (int i = 0; i < 8; i++) {
            UUID id = approved(AdjustmentType.BAD_DEBT, "20.00");
            all.add(() -> hospital.call(() -> posting.post(id)));
        }
        try (var pool = Executors.newFixedThreadPool(all.size())) {
            for (var result : pool.invokeAll(all)) {
                assertThat(result.get()).isTrue();
            }
        }
        hospital.run(() -> {
            assertThat(chart.get(StandardAccount.ALLOWANCE).balance()).isEqualTo(usd("0.00"));
            assertThat(chart.get(StandardAccount.BAD_DEBT_EXPENSE).balance()).isEqualTo(usd("160.00"));
        });
    }

    @Test
    void aCreditBalanceIsNeverWrittenOff() {
        refused(Refusal.WRITE_OFF_EXCEEDS_BALANCE, () -> request(AdjustmentType.SMALL_BALANCE, "1000.01"));
        refused(Refusal.INVALID_INPUT, () -> request(AdjustmentType.SMALL_BALANCE, "0.00"));
        refused(Refusal.INVALID_INPUT, () -> request(AdjustmentType.SMALL_BALANCE, "-5.00"));
        UUID id = approved(AdjustmentType.WRITE_OFF, "800.00");
        owes("-900.00");
        hospital.run(() -> {
            assertThat(posting.post(id)).isFalse();
            assertThat(adjustments.get(id).status()).isEqualTo(AdjustmentStatus.CANCELLED);
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("100.00"));
        });
    }

    @Test
    void twoOfThreeHundredInSevenDaysAreJudgedAsSixHundred() {
        UUID first = request(AdjustmentType.WRITE_OFF, "300.00");
        UUID second = request(AdjustmentType.WRITE_OFF, "300.00");
        hospital.run(() -> {
            assertThat(approvals.facts(second).inputs())
                    .containsEntry("amountMinor", 30_000L)
                    .containsEntry("exposureMinor", 60_000L)
                    .containsEntry("requesterRole", "billing-clerk");
            assertThat(approvals.facts(first).rule()).isEqualTo("write-off-approval");
        });
        hospital.runAs(
                Role.CFO, () -> assertThat(approvals.warnings(second)).anyMatch(each -> each.contains("600.00")));
    }

    @Test
    void c6_whatIsUnderWayCountsHoweverLongItWaits() {
        UUID old = request(AdjustmentType.WRITE_OFF, "460.00");
        requestedDaysAgo(old, 9);
        hospital.runAs(Role.BILLING_CLERK, () -> adjustments.changeAmount(old, usd("450.00")));
        UUID next = request(AdjustmentType.WRITE_OFF, "450.00");
        hospital.run(() -> {
            assertThat(approvals.facts(next).inputs()).containsEntry("exposureMinor", 90_000L);
            assertThat(approvals.facts(old).inputs()).containsEntry("exposureMinor", 90_000L);
        });

        hospital.run(() -> {
            approvals.ruleAnswered(old, 2, List.of(), "Test rule");
            assertThat(posting.post(old)).isTrue();
            assertThat(approvals.facts(next).inputs())
                    .as("posted today, whenever it was asked for")
                    .containsEntry("exposureMinor", 90_000L);
        });
        daysAgo("posted_at", old, 8);
        hospital.run(() -> assertThat(approvals.facts(next).inputs()).containsEntry("exposureMinor", 45_000L));
    }

    @Test
    void aReversalMakesItOwedAgainOnce() {
        UUID id = approved(AdjustmentType.WRITE_OFF, "300.00");
        hospital.run(() -> posting.post(id));
        UUID reversal = as(Role.BILLING_CLERK, () -> adjustments.requestReversal(id, "Paid after all"));
        refused(
                Refusal.ADJUSTMENT_NOT_IN_STATE,
                () -> as(Role.BILLING_CLERK, () -> adjustments.requestReversal(id, "Paid after all")));
        refused(Refusal.ADJUSTMENT_NOT_IN_STATE, () -> hospital.run(() -> posting.post(reversal)));
        approve(reversal, "billing-manager");
        hospital.run(() -> {
            posting.post(reversal);
            posting.post(reversal);
            assertThat(adjustments.get(id).status()).isEqualTo(AdjustmentStatus.REVERSED);
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("1000.00"));
            assertThat(chart.get(StandardAccount.PRICE_CONCESSIONS).balance()).isEqualTo(usd("0.00"));
        });
    }

    @Test
    void aWriteOffThatMovedToTheNextMonthIsTakenBackThereWhileThisOneIsClosed() {
        UUID id = approved(AdjustmentType.WRITE_OFF, "300.00");
        hospital.run(() -> {
            context.getBean(FiscalPeriods.class)
                    .close(YearMonth.from(TestHospital.today()).toString());
            posting.post(id);
        });
        UUID reversal = as(Role.BILLING_CLERK, () -> adjustments.requestReversal(id, "Paid after all"));
        approve(reversal, "billing-manager");
        hospital.run(() -> {
            posting.post(reversal);
            assertThat(adjustments.get(id).status()).isEqualTo(AdjustmentStatus.REVERSED);
            assertThat(accounts.get(account).patientBalance()).isEqualTo(usd("1000.00"));
            assertThat(chart.get(StandardAccount.PRICE_CONCESSIONS).balance()).isEqualTo(usd("0.00"));
        });
    }

    @Test
    void c1_sixteenApproversGiveOneApproval() throws Exception {
        List<UserId> managers = java.util.stream.IntStream.range(0, 16)
                .mapToObj(i -> person("manager-" + i, Role.BILLING_MANAGER))
                .toList();
        try (var pool = Executors.newFixedThreadPool(16)) {
            for (int round = 0; round < 50; round++) {
                long taskKey = 500_000 + round;
                UUID id = request(AdjustmentType.WRITE_OFF, "10.00");
                ruleAnswers(id, "billing-manager");
                List<Callable<Boolean>> all = managers.stream()
                        .map(manager -> (Callable<Boolean>) () -> decides(manager, id, taskKey))
                        .toList();
                long counted = 0;
                for (var result : pool.invokeAll(all)) {
                    counted += result.get() ? 1 : 0;
                }
                assertThat(counted).isEqualTo(1);
                hospital.run(() -> assertThat(approvals.of(id)).hasSize(1));
            }
        }
    }

    private boolean decides(UserId manager, UUID id, long taskKey) {
        try {
            hospital.run(() ->
                    CurrentUser.run(manager, () -> approvals.decide(id, new ApprovalDecision(taskKey, 1, true, null))));
            return true;
        } catch (RuleViolation e) {
            assertThat(e.refusal()).isEqualTo(Refusal.TASK_ALREADY_DECIDED);
            return false;
        }
    }

    @Test
    void c2_lentAuthorityNeverGetsAroundTheSeparationOfPeople() {
        UserId clerk = hospital.user(Role.BILLING_CLERK);
        UserId colleague = person("colleague", Role.BILLING_CLERK);
        UserId manager = hospital.user(Role.BILLING_MANAGER);
        UUID byClerk = request(AdjustmentType.WRITE_OFF, "300.00");
        ruleAnswers(byClerk, "billing-manager");
        UUID byManager =
                as(Role.BILLING_MANAGER, () -> adjustments.request(wanted(AdjustmentType.WRITE_OFF, "200.00")));
        ruleAnswers(byManager, "billing-manager");

        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decideAs(colleague, byClerk));
        lend(manager, clerk);
        lend(manager, colleague);
        refused(Refusal.SELF_APPROVAL, () -> decideAs(clerk, byClerk));
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decideAs(colleague, byManager));
        decideAs(colleague, byClerk);
        hospital.run(() -> assertThat(approvals.of(byClerk)).singleElement().satisfies(approval -> {
            assertThat(approval.decidedBy()).isEqualTo(colleague);
            assertThat(approval.onBehalfOf()).isEqualTo(manager);
        }));
    }

    @Test
    void c2_whoeverPreparedAnEarlierVersionDoesNotApproveALaterOne() {
        UserId manager = hospital.user(Role.BILLING_MANAGER);
        UUID id = request(AdjustmentType.WRITE_OFF, "300.00");
        hospital.runAs(Role.BILLING_MANAGER, () -> adjustments.changeAmount(id, usd("400.00")));
        hospital.runAs(Role.BILLING_CLERK, () -> adjustments.changeAmount(id, usd("399.00")));
        hospital.run(() -> approvals.ruleAnswered(id, 3, List.of("billing-manager"), "Test rule"));

        var third = new ApprovalDecision(TASK_KEYS.incrementAndGet(), 3, true, null);
        refused(
                Refusal.SELF_APPROVAL,
                () -> hospital.run(() -> CurrentUser.run(manager, () -> approvals.decide(id, third))));
        hospital.run(() -> CurrentUser.run(hospital.user(Role.CFO), () -> approvals.decide(id, third)));
        hospital.run(() -> assertThat(adjustments.get(id).status()).isEqualTo(AdjustmentStatus.APPROVED));
    }

    @Test
    void c3_anApprovalOfAnotherAmountDoesNotCount() {
        UUID id = request(AdjustmentType.WRITE_OFF, "300.00");
        ruleAnswers(id, "billing-manager");
        hospital.runAs(Role.BILLING_CLERK, () -> adjustments.changeAmount(id, usd("400.00")));
        refused(
                Refusal.CHANGED_MEANWHILE,
                () -> hospital.runAs(
                        Role.BILLING_MANAGER, () -> approvals.decide(id, new ApprovalDecision(77, 1, true, null))));
        refused(Refusal.ADJUSTMENT_NOT_IN_STATE, () -> hospital.run(() -> posting.post(id)));
    }

    @Test
    void c6_writeOffsOfOneRequesterAndGuarantorOnOtherAccountsAreFoundWithTheirSum() {
        UUID first = request(AdjustmentType.WRITE_OFF, "40.00");
        UUID firstAccount = account;
        account = as(Role.BILLING_CLERK, () -> accounts.open(NewPatientAccount.of("patient-" + UUID.randomUUID())));
        owes("100.00");
        UUID second = request(AdjustmentType.WRITE_OFF, "30.00");
        var rows = context.getBean(AdjustmentRows.class);

        hospital.run(() -> transactions.executeWithoutResult(tx -> {
            var since = Instant.now().minus(Duration.ofDays(7));
            Adjustment adjustment = rows.get(second);
            for (var relation : List.of(RelatedCases.Relation.REQUESTER, RelatedCases.Relation.GUARANTOR)) {
                var found = rows.related(adjustment, relation, List.of(firstAccount), 3_000, since);
                assertThat(found.others()).extracting(RelatedCases.Numbered::id).containsExactly(first);
                assertThat(found.together()).isEqualTo(usd("70.00"));
            }
        }));
        requestedDaysAgo(first, 9);
        hospital.run(() -> transactions.executeWithoutResult(tx -> assertThat(rows.related(
                                rows.get(second),
                                RelatedCases.Relation.REQUESTER,
                                List.of(),
                                3_000,
                                Instant.now().minus(Duration.ofDays(7)))
                        .others())
                .as("still under way")
                .extracting(RelatedCases.Numbered::id)
                .containsExactly(first)));
    }

    private static void requestedDaysAgo(UUID id, int days) {
        daysAgo("requested_at", id, days);
    }

    private static void daysAgo(String column, UUID id, int days) {
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update billing_adjustments set %1$s = %1$s - make_interval(days => ?) where id = ?"
                        .formatted(column))
                .param(days)
                .param(id)
                .update();
    }

    private void lend(UserId delegator, UserId delegate) {
        hospital.run(() -> CurrentUser.run(
                delegator,
                () -> delegations.lend(
                        delegator,
                        delegate,
                        Instant.now().minusSeconds(60),
                        Instant.now().plus(Duration.ofDays(3)),
                        "Away")));
    }

    private void decideAs(UserId person, UUID id) {
        hospital.run(() -> CurrentUser.run(
                person, () -> approvals.decide(id, new ApprovalDecision(TASK_KEYS.incrementAndGet(), 1, true, null))));
    }

    private UserId person(String name, Role role) {
        return hospital.call(
                () -> context.getBean(Users.class).create(name, name, TestHospital.PASSWORD, Set.of(role)));
    }

    private UUID approved(AdjustmentType type, String amount) {
        UUID id = request(type, amount);
        approve(id, "billing-manager");
        return id;
    }

    private void approve(UUID id, String level) {
        ruleAnswers(id, level);
        decideAs(hospital.user(Role.BILLING_MANAGER), id);
    }

    private void ruleAnswers(UUID id, String... levels) {
        hospital.run(() -> approvals.ruleAnswered(id, 1, List.of(levels), "Test rule"));
    }

    private UUID request(AdjustmentType type, String amount) {
        return as(Role.BILLING_CLERK, () -> adjustments.request(wanted(type, amount)));
    }

    private AdjustmentRequest wanted(AdjustmentType type, String amount) {
        return new AdjustmentRequest(account, null, Responsibility.PATIENT, type, usd(amount), "Not collectible");
    }

    private void owes(String amount) {
        Money money = usd(amount);
        hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            var day = TestHospital.today();
            var entry = journal.post(NewEntry.on(day, "test", "owes:" + UUID.randomUUID(), "Charge")
                    .move(StandardAccount.AR_PATIENTS, money, null)
                    .move(StandardAccount.REVENUE_OUTPATIENT, money.negated(), null)
                    .inOpenPeriod()
                    .build());
            accounts.record(new AccountPosting(
                    account,
                    day,
                    money.isPositive() ? TransactionType.CHARGE : TransactionType.CREDIT,
                    Responsibility.PATIENT,
                    money,
                    null,
                    null,
                    null,
                    entry.id(),
                    "Charge",
                    "owes:" + UUID.randomUUID()));
        }));
    }

    private <T> T as(Role role, java.util.function.Supplier<T> work) {
        var result = new AtomicReference<T>();
        hospital.runAs(role, () -> result.set(work.get()));
        return result.get();
    }

    private static Money usd(String amount) {
        return Money.of(CurrencyUnit.USD, new BigDecimal(amount));
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }
}
