package io.remitflow.refunds;

import static io.remitflow.refunds.RefundFixture.usd;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestServices;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Checks, cash and transfers: what leaves by hand, under which number, and what becomes of it. */
@BooksTest
class RefundChecksIntegrationTests {

    private static final AtomicLong TASKS = new AtomicLong(50_000);

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundChecks checks;

    @Autowired
    RefundPayouts payouts;

    @Autowired
    RefundBooking booking;

    @Autowired
    TransactionTemplate transactions;

    PayoutBooks books;

    @BeforeEach
    void openHospital() {
        books = new PayoutBooks(context);
    }

    @Test
    void eachCheckTakesTheNextNumberAndANumberIsNeverUsedTwice() {
        assertThat(paid("120.00", null).reference()).isEqualTo("1001");
        assertThat(paid("130.00", "1003").reference()).isEqualTo("1003");
        assertThat(paid("140.00", null).reference()).isEqualTo("1004");
        UUID refund = books.approved(RefundMethod.CHECK, "150.00");

        refused(Refusal.INVALID_INPUT, () -> books.payOut(refund, TASKS.incrementAndGet(), "1003"));
        refused(Refusal.INVALID_INPUT, () -> books.payOut(refund, TASKS.incrementAndGet(), "no number"));
        books.payOut(refund, TASKS.incrementAndGet(), "1002");
        assertThat(books.books.refund(refund).payoutReference()).isEqualTo("1002");
    }

    @Test
    void c12_sixteenPayoutsAtOnceTakeSixteenNumbers() throws Exception {
        List<UUID> refunds = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            refunds.add(books.approved(RefundMethod.CHECK, "120.00"));
        }
        List<Callable<Boolean>> all = refunds.stream()
                .<Callable<Boolean>>map(
                        refund -> () -> succeeds(() -> books.payOut(refund, TASKS.incrementAndGet(), "")))
                .toList();

        assertThat(atOnce(all)).containsOnly(true);
        assertThat(books.books.hospital.call(() -> checks.list(null, true, null, 50)))
                .extracting(RefundCheck::number)
                .doesNotHaveDuplicates()
                .hasSize(16);
    }

    @Test
    void c12_theSameNumberFromTwoPeopleIsOneCheck() throws Exception {
        for (int round = 0; round < 5; round++) {
            String number = Integer.toString(7001 + round);
            UUID one = books.approved(RefundMethod.CHECK, "120.00");
            UUID two = books.approved(RefundMethod.CHECK, "120.00");

            assertThat(atOnce(List.of(
                            () -> succeeds(() -> books.payOut(one, TASKS.incrementAndGet(), number)),
                            () -> succeeds(() -> books.payOut(two, TASKS.incrementAndGet(), number)))))
                    .containsExactlyInAnyOrder(true, false);
        }
    }

    @Test
    void c12_voidingStoppingClearingAndReissuingAtOnceEndInOneState() throws Exception {
        for (int round = 0; round < 5; round++) {
            RefundCheck check = paid("120.00", null);
            List<Boolean> won = atOnce(List.of(
                    () -> succeeds(
                            () -> as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), 1, "Wrong payee"))),
                    () -> succeeds(() -> as(Role.ACCOUNTING_STAFF, () -> checks.stop(check.id(), 1, "Lost"))),
                    () -> succeeds(
                            () -> as(Role.ACCOUNTING_STAFF, () -> checks.markCleared(check.id(), 1, check.issuedOn()))),
                    () -> succeeds(() -> as(Role.ACCOUNTING_STAFF, () -> checks.reissue(check.id(), 1, "Damaged")))));

            assertThat(won).containsOnlyOnce(true);
            RefundCheck after = check(check.id());
            assertThat(after.version()).isEqualTo(2);
            boolean back = after.state() == RefundCheck.State.VOIDED || after.state() == RefundCheck.State.STOPPED;
            assertThat(books.books.refund(requireNonNull(check.refundId())).status())
                    .isEqualTo(back ? RefundStatus.RETURNED : RefundStatus.COMPLETED);
        }
    }

    @Test
    void c12_aCheckVoidedWhileItIsPrintedIsNotPrintedAfterwards() throws Exception {
        RefundCheck check = paid("120.00", null);

        atOnce(List.of(
                () -> succeeds(() -> as(Role.ACCOUNTING_STAFF, () -> checks.print(check.id()))),
                () -> succeeds(() -> as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), 1, "Wrong payee")))));

        assertThat(check(check.id()).state()).isEqualTo(RefundCheck.State.VOIDED);
        refused(Refusal.REFUND_NOT_IN_STATE, () -> as(Role.ACCOUNTING_STAFF, () -> checks.print(check.id())));
        assertThat(check(check.id()).printed()).isLessThanOrEqualTo(1);
    }

    @Test
    void aVoidedCheckGivesThePatientTheCreditBackAndAsksHowToGoOn() {
        RefundCheck check = paid("120.00", null);
        assertThat(books.clearing("check", "1001")).isEqualTo(usd("-120.00"));
        refused(Refusal.INVALID_INPUT, () -> as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), 1, " ")));
        refused(
                Refusal.INVALID_INPUT,
                () -> as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), 1, "By card 4242424242424242")));

        as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), 1, "Wrong payee"));

        assertThat(books.clearing("check", "1001")).isEqualTo(usd("0.00"));
        assertThat(books.books.refund(requireNonNull(check.refundId())).status())
                .isEqualTo(RefundStatus.RETURNED);
        refused(Refusal.CHANGED_MEANWHILE, () -> as(Role.ACCOUNTING_STAFF, () -> checks.stop(check.id(), 1, "Lost")));
        RefundReturns returns = books.bean(RefundReturns.class);
        books.books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> returns.choose(requireNonNull(check.refundId()), TASKS.incrementAndGet(), "ach", "Prefers it"));
        Refund again = books.books
                .hospital
                .call(() -> returns.reissued(requireNonNull(check.refundId())))
                .orElseThrow();
        assertThat(again.reissueOf()).isEqualTo(requireNonNull(check.refundId()));
        assertThat(again.status()).isEqualTo(RefundStatus.PENDING);
        assertThat(again.amount()).isEqualTo(usd("120.00"));
        refused(
                Refusal.TASK_ALREADY_DECIDED,
                () -> books.books.hospital.runAs(
                        Role.BILLING_CLERK,
                        () -> returns.choose(
                                requireNonNull(check.refundId()), TASKS.incrementAndGet(), "check", "Once more")));
    }

    @Test
    void aCreditThatComesBackIsDueSinceTheDayItWasFound() {
        RefundCheck check = paid("120.00", null);
        UUID credit = requireNonNull(
                books.books.refund(requireNonNull(check.refundId())).creditBalanceId());
        books.books.hospital.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(done -> books.bean(JdbcClient.class)
                        .sql("update billing_credit_balances set identified_on = identified_on - 20 where id = :id")
                        .param("id", credit)
                        .update()));

        as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), 1, "Never arrived"));

        CreditBalance again = books.books
                .hospital
                .call(() -> books.bean(CreditBalances.class).list(CreditFilter.unresolved()))
                .getFirst();
        assertThat(again.amount()).isEqualTo(usd("120.00"));
        assertThat(again.identifiedOn()).isEqualTo(RefundFixture.today().minusDays(20));
        assertThat(again.refundDue())
                .as("its 30 days never stood still")
                .isEqualTo(RefundFixture.today().plusDays(10));
    }

    @Test
    void aRefundComesBackWhileTheMonthIsClosedWhetherItWasBookedBeforeOrAfterTheClose() {
        RefundCheck before = paid("120.00", null);
        UUID late = books.approved(RefundMethod.CHECK, "80.00");
        books.books.hospital.run(() -> books.bean(FiscalPeriods.class)
                .close(YearMonth.from(RefundFixture.today()).toString()));
        books.payOut(late, TASKS.incrementAndGet(), "");
        books.books.hospital.run(() -> booking.complete(late));
        RefundCheck after =
                books.books.hospital.call(() -> checks.ofRefund(late)).getLast();

        for (RefundCheck check : List.of(before, after)) {
            UUID refund = requireNonNull(check.refundId());
            books.books.hospital.run(() -> booking.takeBack(refund, "lost", "Lost in the mail"));

            Refund back = books.books.refund(refund);
            assertThat(back.status()).isEqualTo(RefundStatus.RETURNED);
            assertThat(books.clearing("check", Long.toString(check.number()))).isEqualTo(usd("0.00"));
            assertThat(books.books.hospital.call(() -> books.bean(Journal.class)
                            .find(requireNonNull(back.journalEntryId()))
                            .orElseThrow()
                            .isReversed()))
                    .isTrue();
        }
    }

    @Test
    void aReissuedCheckIsLinkedAndOnlyOneOfThemCarriesTheMoney() {
        RefundCheck lost = paid("120.00", null);
        refused(
                Refusal.SELF_APPROVAL,
                () -> as(Role.BILLING_MANAGER, () -> checks.reissue(lost.id(), 1, "Lost in the mail")));

        UUID next = books.books.as(Role.ACCOUNTING_STAFF, () -> checks.reissue(lost.id(), 1, "Lost in the mail"));

        assertThat(check(lost.id()).state()).isEqualTo(RefundCheck.State.REISSUED);
        assertThat(check(next)).satisfies(check -> {
            assertThat(check.reference()).isEqualTo("1002");
            assertThat(check.replacesId()).isEqualTo(lost.id());
        });
        assertThat(books.clearing("check", "1001")).isEqualTo(usd("0.00"));
        assertThat(books.clearing("check", "1002")).isEqualTo(usd("-120.00"));
        assertThat(books.books.refund(requireNonNull(lost.refundId())).payoutReference())
                .isEqualTo("1002");
        as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(next, 1, "Lost again"));
        assertThat(books.clearing("check", "1001")).isEqualTo(usd("0.00"));
        assertThat(books.clearing("check", "1002")).isEqualTo(usd("0.00"));
        assertThat(books.books.refund(requireNonNull(lost.refundId())).status()).isEqualTo(RefundStatus.RETURNED);
    }

    @Test
    void aCheckThatNobodyCashesIsStaleAndCanStillBeReissued() {
        RefundCheck check = paid("120.00", null);
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update refund_checks set issued_on = issued_on - 181 where id = ?")
                .param(check.id())
                .update();

        assertThat(books.books.hospital.call(() -> checks.markStale())).isEqualTo(1);
        assertThat(books.books.hospital.call(() -> checks.markStale())).isZero();

        assertThat(check(check.id()).state()).isEqualTo(RefundCheck.State.STALE);
        refused(Refusal.REFUND_NOT_IN_STATE, () -> as(Role.ACCOUNTING_STAFF, () -> checks.print(check.id())));
        as(Role.ACCOUNTING_STAFF, () -> checks.reissue(check.id(), 2, "The patient found it too late"));
        assertThat(check(check.id()).state()).isEqualTo(RefundCheck.State.REISSUED);
    }

    @Test
    void aStatementClearsACheckOnceAndOnlyForItsAmount() {
        RefundCheck check = paid("120.00", null);

        assertThat(cleared("1001", "120.01")).isFalse();
        assertThat(cleared("4711", "120.00")).isFalse();
        assertThat(cleared("1001", "120.00")).isTrue();
        assertThat(cleared("1001", "120.00")).isTrue();

        assertThat(check(check.id())).satisfies(after -> {
            assertThat(after.state()).isEqualTo(RefundCheck.State.CLEARED);
            assertThat(after.version()).isEqualTo(2);
        });
        refused(
                Refusal.REFUND_NOT_IN_STATE,
                () -> as(Role.ACCOUNTING_STAFF, () -> checks.voidCheck(check.id(), 2, "Too late")));
    }

    @Test
    void aCheckIsOutstandingAgainWhenTheLineThatClearedItWasAnothersAndOnlyForThatLine() {
        RefundCheck check = paid("120.00", null);
        assertThat(notCleared("1001", "line 1")).as("not cleared yet").isFalse();
        assertThat(cleared("1001", "120.00")).isTrue();

        assertThat(notCleared("1001", "line 2")).isFalse();
        assertThat(check(check.id()).state()).isEqualTo(RefundCheck.State.CLEARED);
        assertThat(notCleared("1001", "line 1")).isTrue();
        assertThat(notCleared("1001", "line 1")).isFalse();

        assertThat(check(check.id())).satisfies(after -> {
            assertThat(after.state()).isEqualTo(RefundCheck.State.ISSUED);
            assertThat(after.clearedOn()).isNull();
        });
        assertThat(cleared("1001", "120.00")).isTrue();
    }

    @Test
    void cashTakesAReceiptNumberAndComesFromPettyCash() {
        UUID refund = books.approved(RefundMethod.CASH, "120.00");

        books.payOut(refund, TASKS.incrementAndGet(), "");
        books.books.hospital.run(() -> booking.complete(refund));

        assertThat(books.books.refund(refund).payoutReference()).matches("CR-\\d{4}-000001");
        assertThat(books.books.refund(refund).status()).isEqualTo(RefundStatus.COMPLETED);
    }

    @Test
    void aTransferIsNotedByHandOrByWhatTheBankShows() {
        UUID byHand = books.approved(RefundMethod.WIRE, "120.00");
        refused(Refusal.INVALID_INPUT, () -> books.payOut(byHand, TASKS.incrementAndGet(), ""));
        books.payOut(byHand, TASKS.incrementAndGet(), "FT-1");
        assertThat(seen(byHand, "120.00")).isEqualTo(RefundPayouts.Seen.REPEATED);

        UUID seen = books.approved(RefundMethod.WIRE, "130.00");
        assertThat(seen(seen, "129.99")).isEqualTo(RefundPayouts.Seen.UNEXPECTED);
        assertThat(seen(seen, "130.00")).isEqualTo(RefundPayouts.Seen.COUNTED);
        assertThat(seen(seen, "130.00")).isEqualTo(RefundPayouts.Seen.REPEATED);
        books.books.hospital.run(() -> booking.complete(seen));
        Refund completed = books.books.refund(seen);
        assertThat(completed.status()).isEqualTo(RefundStatus.COMPLETED);
        assertThat(books.clearing("refund", completed.number())).isEqualTo(usd("-130.00"));
        UUID notApproved = books.requested(RefundMethod.WIRE, "140.00");
        assertThat(seen(notApproved, "140.00")).isEqualTo(RefundPayouts.Seen.UNEXPECTED);
        RefundPayouts.Seen unknown = books.books.hospital.call(() -> Objects.requireNonNull(
                transactions.execute(status -> payouts.transferSeen("RF-2026-999999", usd("1.00"), "FT-9"))));
        assertThat(unknown).isEqualTo(RefundPayouts.Seen.UNEXPECTED);
    }

    @Test
    void aTransferOfTheBankCompletesExactlyTheRefundWhoseNumberAndAmountItCarries() {
        UUID refund = books.approved(RefundMethod.WIRE, "130.00");
        UUID other = books.approved(RefundMethod.WIRE, "130.00");
        String number = books.books.refund(refund).number();
        String otherNumber = books.books.refund(other).number();

        assertThat(left("Chuyen tien", usd("130.00"))).as("no number").isFalse();
        assertThat(left(number, usd("130.01"))).as("another amount").isFalse();
        assertThat(left(number, Amounts.ofMinor(13_000, "VND")))
                .as("another currency")
                .isFalse();
        assertThat(left(number + " " + otherNumber, usd("130.00")))
                .as("two numbers")
                .isFalse();
        assertThat(left("1" + number.replace("-", ""), usd("130.00")))
                .as("part of another number")
                .isFalse();
        assertThat(books.books.refund(refund).left()).isFalse();

        assertThat(left("hoan tien " + number.replace("-", "").toLowerCase(Locale.ROOT), usd("130.00")))
                .as("banks leave hyphens out")
                .isTrue();
        assertThat(left(number, usd("130.00"))).as("told again").isTrue();

        assertThat(books.books.refund(refund).payoutReference()).isEqualTo("FT-3");
        assertThat(books.books.refund(other).left()).isFalse();
        assertThat(books.books.hospital.call(() -> JdbcClient.create(
                                io.remitflow.local.TestServices.postgres().superuser())
                        .sql("select count(*) from workflow_outbox where message_name = 'refunds.transfer-seen' "
                                + "and correlation_key = ?")
                        .param(refund.toString())
                        .query(Long.class)
                        .single()))
                .as("its process is told once")
                .isOne();
        books.books.hospital.run(() -> booking.complete(refund));
        assertThat(books.clearing("refund", number)).isEqualTo(usd("-130.00"));
    }

    private boolean left(String content, Money amount) {
        return Boolean.TRUE.equals(books.books.hospital.call(() -> transactions.execute(
                status -> books.bean(TransferredRefunds.class).left(content, amount, "FT-3"))));
    }

    @Test
    void aPayoutThatIsHeldBackIsApprovedAgainBeforeItLeaves() {
        UUID refund = books.approved(RefundMethod.CHECK, "120.00");
        RefundHolds holds = books.bean(RefundHolds.class);

        as(Role.BILLING_CLERK, () -> holds.hold(refund, "The patient called"));

        refused(Refusal.REFUND_EXCEEDS_PAYMENT, () -> books.payOut(refund, TASKS.incrementAndGet(), ""));
        assertThat(books.books.hospital.call(() -> checks.list(null, false, null, 10)))
                .isEmpty();
        books.books.hospital.run(() -> books.bean(RefundApprovals.class).fellShort(refund));
        assertThat(books.books.refund(refund)).satisfies(state -> {
            assertThat(state.status()).isEqualTo(RefundStatus.PENDING);
            assertThat(state.version()).isEqualTo(2);
            assertThat(state.refusalReason()).isEqualTo("The patient called");
        });
        books.books.decide(Role.BILLING_MANAGER, refund, true);
        books.books.hospital.run(() -> payouts.awaitPayout(refund));
        books.payOut(refund, TASKS.incrementAndGet(), "");
        assertThat(books.books.refund(refund).holdReason()).isNull();
    }

    private RefundPayouts.Seen seen(UUID refund, String amount) {
        String number = books.books.refund(refund).number();
        return books.books.hospital.call(() -> Objects.requireNonNull(
                transactions.execute(status -> payouts.transferSeen(number, usd(amount), "FT-2"))));
    }

    private boolean cleared(String reference, String amount) {
        return books.books.hospital.call(() -> Objects.requireNonNull(transactions.execute(
                status -> checks.cleared(reference, usd(amount), RefundFixture.today(), "line 1"))));
    }

    private boolean notCleared(String reference, String bankReference) {
        return books.books.hospital.call(() -> Objects.requireNonNull(
                transactions.execute(status -> checks.notCleared(reference, RefundFixture.today(), bankReference))));
    }

    private RefundCheck paid(String amount, @Nullable String number) {
        return books.paidByCheck(amount, number, TASKS.incrementAndGet());
    }

    private RefundCheck check(UUID id) {
        return books.books.hospital.call(() -> checks.get(id));
    }

    private void as(Role role, Runnable work) {
        books.books.hospital.runAs(role, work);
    }

    private static boolean succeeds(Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuleViolation refused) {
            return false;
        }
    }

    private static List<Boolean> atOnce(List<Callable<Boolean>> work) throws Exception {
        try (var threads = Executors.newFixedThreadPool(work.size())) {
            List<Boolean> results = new ArrayList<>();
            for (Future<Boolean> result : threads.invokeAll(work)) {
                results.add(result.get());
            }
            return results;
        }
    }

    private static void refused(Refusal refusal, ThrowingCallable work) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(work)
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(refusal));
    }
}
