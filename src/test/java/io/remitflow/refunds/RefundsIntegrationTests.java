package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import io.remitflow.payments.PaymentStatus;
import io.remitflow.payments.Payments;
import io.remitflow.workflow.ApprovableCases;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

@BooksTest
class RefundsIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Refunds refunds;

    @Autowired
    RefundApprovals approvals;

    @Autowired
    RefundPayouts payouts;

    @Autowired
    RefundBooking booking;

    @Autowired
    RefundIssuing issuing;

    @Autowired
    Payments payments;

    @Autowired
    Timeline timeline;

    @Autowired
    Users users;

    @Autowired
    io.remitflow.ledger.Clearing clearing;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    org.springframework.transaction.support.TransactionTemplate transactions;

    RefundFixture books;

    @BeforeEach
    void openHospital() {
        books = new RefundFixture(context);
    }

    @Test
    void aBoardThatIsTooFullLeavesOutTheNewestAndCountsThem() {
        UUID oldest = books.request(books.checkPayment("20.00"), "20.00");
        books.request(books.checkPayment("30.00"), "30.00");
        var one = new RefundFilter(null, true, null, null, null, 1);

        books.hospital.run(() -> {
            assertThat(refunds.oldest(one)).extracting(Refund::id).containsExactly(oldest);
            assertThat(refunds.counts(one)).isEqualTo(Map.of(RefundStatus.PENDING, 2L));
        });
    }

    @Test
    void aRequestReservesItsAmountAndTellsTheEngine() {
        UUID payment = books.cardPayment("300.00", "ch_1");
        UUID refund = books.request(payment, "120.00");

        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(books.refund(refund).method()).isEqualTo(RefundMethod.CREDIT_CARD_REVERSAL);
        assertThat(books.refund(refund).number()).matches("RF-\\d{4}-000001");
        books.hospital.run(() -> assertThat(refunds.refundable(payment)).isEqualTo(usd("180.00")));
        refused(Refusal.REFUND_EXCEEDS_PAYMENT, () -> books.request(payment, "180.01"));
    }

    @Test
    void anotherMethodNeedsAReason() {
        UUID payment = books.cardPayment("300.00", "ch_1");

        refused(Refusal.METHOD_NEEDS_REASON, () -> books.request(payment, "10.00", RefundMethod.CHECK, " "));
        refused(
                Refusal.INSTRUMENT_NOT_REFUNDABLE,
                () -> books.request(books.checkPayment("50.00"), "10.00", RefundMethod.CREDIT_CARD_REVERSAL, "x"));
        UUID refund = books.request(payment, "10.00", RefundMethod.CHECK, "The card expired");
        assertThat(books.refund(refund).originalMethod()).isFalse();
    }

    @Test
    void theSumOfSevenDaysOnOneAccountIsJudged() {
        UUID payment = books.cardPayment("300.00", "ch_1");
        UUID first = books.request(payment, "90.00");
        UUID second = books.request(payment, "90.00");

        books.hospital.run(() -> {
            assertThat(approvals.facts(first).inputs()).containsEntry("exposureMinor", 18_000L);
            assertThat(approvals.facts(second).inputs())
                    .containsEntry("sameCurrency", true)
                    .containsEntry("originalMethod", true)
                    .containsEntry("type", "overpayment")
                    .containsEntry("ageDays", 0L)
                    .containsEntry("requesterRole", "billing-clerk");
        });
    }

    @Test
    void aRefundBeyondTheCreditOfTheAccountSaysWhatThePatientOwesAfterwards() {
        books.invoice("90.00");
        UUID payment = books.cardPayment("100.00", "ch_credit");
        UUID covered = books.request(payment, "10.00");
        books.ruleAnswers(covered);
        assertThat(books.hospital.call(() -> approvals.beyondCredit(covered))).isEmpty();

        UUID beyond = books.request(payment, "40.00");
        books.ruleAnswers(beyond, "billing-manager");

        books.hospital.run(() -> {
            assertThat(approvals.beyondCredit(beyond))
                    .as("10.00 of the credit go with the other one")
                    .hasValue(
                            "With this refund more is returned than the credit of the account: afterwards the patient owes 40.00");
            assertThat(timeline.of(Refunds.SUBJECT, beyond))
                    .extracting(TimelineEntry::step)
                    .containsExactly("Requested", "Needs approval", "Warning");
            assertThat(timeline.of(Refunds.SUBJECT, covered))
                    .extracting(TimelineEntry::step)
                    .doesNotContain("Warning");
        });
        books.as(Role.BILLING_CLERK, () -> {
            refunds.cancel(beyond, "The patient owes it");
            return beyond;
        });
        assertThat(books.hospital.call(() -> approvals.beyondCredit(beyond))).isEmpty();
    }

    @Test
    void c4_twoRefundsOfSixtyOnOneHundredAtOnceAreOne() throws Exception {
        for (int round = 0; round < 10; round++) {
            UUID payment = books.cardPayment("100.00", "ch_c4_" + round);
            Callable<Boolean> sixty =
                    () -> succeeds(Refusal.REFUND_EXCEEDS_PAYMENT, () -> books.request(payment, "60.00"));
            assertThat(atOnce(List.of(sixty, sixty))).containsExactlyInAnyOrder(true, false);
            var ofPayment = new RefundFilter(null, false, null, payment, null, 50);
            books.hospital.run(() -> {
                assertThat(refunds.list(ofPayment)).extracting(Refund::amount).containsExactly(usd("60.00"));
                assertThat(refunds.refundable(payment)).isEqualTo(usd("40.00"));
            });
        }
    }

    @Test
    void c1_sixteenApproversGiveOneApproval() throws Exception {
        List<UserId> managers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String name = "manager-" + i;
            managers.add(books.hospital.call(
                    () -> users.create(name, name, TestHospital.PASSWORD, Set.of(Role.BILLING_MANAGER))));
        }
        UUID payment = books.cardPayment("10000.00", "ch_c1");
        for (int round = 0; round < 50; round++) {
            long taskKey = 500_000 + round;
            UUID refund = books.request(payment, "150.00");
            books.ruleAnswers(refund, "billing-manager");
            List<Callable<Boolean>> all = managers.stream()
                    .map(manager -> (Callable<Boolean>) () -> CurrentOrganization.call(
                            books.hospital.id(),
                            () -> succeeds(
                                    Refusal.TASK_ALREADY_DECIDED,
                                    () -> CurrentUser.run(
                                            manager,
                                            () -> approvals.decide(
                                                    refund, new ApprovalDecision(taskKey, 1, true, null))))))
                    .toList();
            assertThat(atOnce(all).stream().filter(ok -> ok).count()).isEqualTo(1);
            books.hospital.run(() -> assertThat(approvals.of(refund)).hasSize(1));
        }
    }

    @Test
    void c2_nobodyApprovesTheirOwnRefund() {
        UUID refund = requested("150.00", "billing-manager");
        books.hospital.run(
                () -> users.setRoles(books.hospital.user(Role.BILLING_CLERK), Set.of(Role.BILLING_CLERK, Role.CFO)));

        refused(Refusal.SELF_APPROVAL, () -> books.decide(Role.BILLING_CLERK, refund, true));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        // and the database refuses what the service would let through
        assertThatThrownBy(() -> books.hospital.run(() -> transactions.executeWithoutResult(
                        tx -> jdbc.sql("""
                        insert into workflow_approvals (org_id, id, subject_type, subject_id, subject_version, level, level_role, decision, amount,
                            currency, decided_by, decided_as, requested_by, prepared_by, task_key, source, decided_at)
                        select org_id, gen_random_uuid(), 'refund', id, version, 1, 'cfo', 'approved', refund_amount, currency,
                            requested_by, 'cfo', requested_by, prepared_by, 1, 'remitflow', now()
                        from billing_refunds where id = :id
                        """).param("id", refund).update())))
                .hasMessageContaining("is of a preparer");
    }

    @Test
    void c2_whoeverChangedTheAmountDoesNotApproveIt() {
        UUID refund = requested("150.00", "billing-manager");
        books.hospital.runAs(Role.BILLING_MANAGER, () -> refunds.changeAmount(refund, usd("160.00")));
        books.ruleAnswers(refund, "billing-manager");

        refused(Refusal.SELF_APPROVAL, () -> books.decide(Role.BILLING_MANAGER, refund, true));
        books.decide(Role.CFO, refund, true);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.APPROVED);
    }

    @Test
    void twoLevelsNeedTwoPeople() {
        UUID refund = requested("6000.00", "billing-manager", "cfo");
        books.decide(Role.CFO, refund, true);

        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        refused(Refusal.APPROVER_USED_BEFORE, () -> books.decide(Role.CFO, refund, true));
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> books.decide(Role.BILLING_MANAGER, refund, true));
        UserId secondCfo =
                books.hospital.call(() -> users.create("cfo-2", "Second CFO", TestHospital.PASSWORD, Set.of(Role.CFO)));
        books.hospital.run(() ->
                CurrentUser.run(secondCfo, () -> approvals.decide(refund, new ApprovalDecision(77, 1, true, null))));
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.APPROVED);
    }

    @Test
    void c7_aRoleTakenAwayMeanwhileIsRefusedAndRecorded() {
        UUID refund = requested("150.00", "billing-manager");
        books.hospital.run(
                () -> users.setRoles(books.hospital.user(Role.BILLING_MANAGER), Set.of(Role.ACCOUNTING_STAFF)));

        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> books.decide(Role.BILLING_MANAGER, refund, true));
        assertThat(auditEntries("refund-approval-refused")).isEqualTo(1);
    }

    @Test
    void c3_anApprovalOfAnOldVersionIsRefused() {
        UUID refund = requested("150.00", "billing-manager");
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.changeAmount(refund, usd("170.00")));

        refused(
                Refusal.CHANGED_MEANWHILE,
                () -> books.hospital.runAs(
                        Role.BILLING_MANAGER, () -> approvals.decide(refund, new ApprovalDecision(9, 1, true, null))));
    }

    @Test
    void c8_noMoneyMovesWithoutAnApprovedRow() {
        UUID refund = requested("150.00", "billing-manager");

        refused(Refusal.REFUND_NOT_IN_STATE, () -> books.hospital.run(() -> issuing.issue(refund)));
        refused(Refusal.REFUND_NOT_IN_STATE, () -> books.hospital.run(() -> booking.complete(refund)));
        // not even if somebody writes the status into the table
        books.hospital.run(() -> transactions.executeWithoutResult(
                tx -> jdbc.sql("update billing_refunds set status = 'approved' where id = :id")
                        .param("id", refund)
                        .update()));
        refused(Refusal.REFUND_NOT_IN_STATE, () -> books.hospital.run(() -> issuing.issue(refund)));
        books.hospital.forget();
    }

    @Test
    void anApprovalIsTakenBackWhenThePaymentNoLongerCoversIt() {
        UUID payment = books.cardPayment("300.00", "ch_disputed");
        UUID refund = books.request(payment, "120.00");
        books.ruleAnswers(refund, "billing-manager");
        books.decide(Role.BILLING_MANAGER, refund, true);
        dispute(payment, 25_000);

        refused(Refusal.REFUND_EXCEEDS_PAYMENT, () -> books.hospital.run(() -> issuing.issue(refund)));
        books.hospital.run(() -> {
            approvals.fellShort(refund);
            approvals.fellShort(refund);
        });
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.PENDING);
        assertThat(books.refund(refund).version()).isEqualTo(2);
        assertThat(books.refund(refund).levels()).containsExactly("billing-manager");
        assertThat(books.refund(refund).refusalReason()).contains("no longer covers");

        dispute(payment, 0);
        books.decide(Role.BILLING_MANAGER, refund, true);
        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.APPROVED);
    }

    private void dispute(UUID payment, long minor) {
        books.hospital.run(() -> transactions.executeWithoutResult(
                tx -> jdbc.sql("update billing_payments set disputed_amount = :minor where id = :id")
                        .param("minor", minor)
                        .param("id", payment)
                        .update()));
    }

    @Test
    void aTaskCompletedElsewhereCountsOnlyForWhoMayDecideAndOnlyOnce() {
        UUID refund = requested("150.00", "billing-manager");
        var byClerk = completed(11, Role.BILLING_CLERK);
        var byNobody = new CompletedTask(12, null, Instant.now(), Map.of("decision", "approve"));
        var byManager = completed(13, Role.BILLING_MANAGER);

        assertThat(outcome(refund, 1, List.of(byClerk))).isEqualTo(ApprovableCases.Outcome.NOT_AUTHORISED);
        assertThat(books.hospital.call(() -> approvals.lookUp(refund, 1, List.of(byClerk), 2)))
                .isEmpty();
        assertThat(outcome(refund, 3, List.of(byNobody, byClerk))).isEqualTo(ApprovableCases.Outcome.NOT_AUTHORISED);
        assertThat(outcome(refund, 4, List.of(byManager, byNobody, byClerk)))
                .isEqualTo(ApprovableCases.Outcome.APPROVED);
        assertThat(books.refund(refund).approvedBy()).isEqualTo(books.hospital.user(Role.BILLING_MANAGER));
        // a job that is delivered again finds what it found before
        books.hospital.run(() -> assertThat(approvals.recorded(refund, 1, 1, 4)).isPresent());
    }

    @Test
    void aPayoutIsBookedAgainstOutgoingPaymentsByAThirdPerson() {
        UUID payment = books.checkPayment("500.00");
        UUID refund = books.request(payment, "200.00");
        books.ruleAnswers(refund, "billing-manager");
        books.decide(Role.BILLING_MANAGER, refund, true);
        books.hospital.run(() -> payouts.awaitPayout(refund));

        refused(
                Refusal.SELF_APPROVAL,
                () -> books.hospital.runAs(Role.BILLING_MANAGER, () -> payouts.payOut(refund, 21, "5001")));
        books.hospital.runAs(Role.ACCOUNTING_STAFF, () -> payouts.payOut(refund, 22, "5001"));
        books.hospital.run(() -> {
            booking.complete(refund);
            booking.complete(refund);
        });

        assertThat(books.refund(refund).status()).isEqualTo(RefundStatus.COMPLETED);
        books.hospital.run(() -> {
            assertThat(payments.get(payment).status()).isEqualTo(PaymentStatus.PARTIALLY_REFUNDED);
            assertThat(payments.refundable(payment)).isEqualTo(usd("300.00"));
            assertThat(clearing.balance(
                            StandardAccount.OUTGOING_PAYMENTS_CLEARING, new ClearingReference("check", "5001")))
                    .isEqualTo(usd("-200.00"));
        });
    }

    @Test
    void aCancelledRefundFreesItsAmount() {
        UUID payment = books.cardPayment("100.00", "ch_1");
        UUID refund = books.request(payment, "100.00");
        books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.cancel(refund, "Asked by mistake"));

        books.hospital.run(() -> assertThat(refunds.refundable(payment)).isEqualTo(usd("100.00")));
        refused(Refusal.REFUND_NOT_IN_STATE, () -> books.decide(Role.CFO, refund, true));
    }

    @Test
    void noCardNumberIsKeptInWhatPeopleWriteAboutARefund() {
        String card = "The card is 4111 1111 1111 1111";
        UUID cancelled = books.request(books.cardPayment("100.00", "ch_1"), "100.00");
        for (String reason : List.of(card, "x".repeat(501))) {
            refused(
                    Refusal.INVALID_INPUT,
                    () -> books.hospital.runAs(Role.BILLING_CLERK, () -> refunds.cancel(cancelled, reason)));
        }

        UUID refund = requested("100.00", "billing-manager");
        books.hospital.runAs(
                Role.BILLING_MANAGER, () -> approvals.decide(refund, new ApprovalDecision(77_001, 1, true, card)));
        String comment = books.hospital.call(() -> java.util.Objects.requireNonNull(
                transactions.execute(tx -> jdbc.sql("select comment from workflow_approvals")
                        .query(String.class)
                        .single())));
        assertThat(comment).isEqualTo("The card is [number removed]");

        books.hospital.run(() -> transactions.executeWithoutResult(tx -> {
            var rows = context.getBean(RefundRows.class);
            RefundCase declined = rows.lock(refund);
            declined.processing("card");
            declined.declined("declined");
            rows.save(declined.state(), Instant.now());
        }));
        refused(
                Refusal.INVALID_INPUT,
                () -> books.hospital.runAs(
                        Role.BILLING_CLERK, () -> payouts.chooseMethod(refund, 77_002, RefundMethod.CHECK, card)));
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> payouts.chooseMethod(refund, 77_003, RefundMethod.CHECK, "The card is closed"));
        assertThat(books.refund(refund).method()).isEqualTo(RefundMethod.CHECK);
    }

    private UUID requested(String amount, String... levels) {
        UUID refund = books.request(books.cardPayment("9000.00", "ch_" + UUID.randomUUID()), amount);
        books.ruleAnswers(refund, levels);
        return refund;
    }

    private CompletedTask completed(long key, Role role) {
        return new CompletedTask(key, books.hospital.signInName(role), Instant.now(), Map.of("decision", "approve"));
    }

    private ApprovableCases.Outcome outcome(UUID refund, long job, List<CompletedTask> newestFirst) {
        return books.hospital
                .call(() -> approvals.lookUp(refund, 1, newestFirst, job))
                .orElseThrow()
                .outcome();
    }

    private long auditEntries(String action) {
        return books.hospital.call(() -> java.util.Objects.requireNonNull(
                transactions.execute(tx -> jdbc.sql("select count(*) from audit_log where action = :action")
                        .param("action", action)
                        .query(Long.class)
                        .single())));
    }

    private static boolean succeeds(Refusal expected, Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuleViolation refused) {
            assertThat(refused.refusal()).isEqualTo(expected);
            return false;
        }
    }

    private static List<Boolean> atOnce(List<Callable<Boolean>> work) throws Exception {
        try (var pool = Executors.newFixedThreadPool(work.size())) {
            List<Boolean> results = new ArrayList<>();
            for (Future<Boolean> result : pool.invokeAll(work, 60, TimeUnit.SECONDS)) {
                results.add(result.get());
            }
            return results;
        }
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }
}
