package io.remitflow.reconciliation;

import static io.remitflow.reconciliation.BankPeriodBooks.line;
import static io.remitflow.reconciliation.BankPeriodBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.LineUse;
import io.remitflow.bank.ManualMatches;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.local.BooksTest;
import io.remitflow.reconciliation.BankReconciliation.Status;
import io.remitflow.reconciliation.BankReconciliations.LineDecision;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.ProcessInstances;
import java.io.ByteArrayInputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.poi.ss.usermodel.DataFormatter;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Bank accounts against the books: figures, refusals, people. */
@BooksTest
class BankReconciliationsIntegrationTests {

    private static final AtomicLong TASK = new AtomicLong(7_000_000_000L);

    @Autowired
    ApplicationContext context;

    @Autowired
    BankReconciliations reconciliations;

    @Autowired
    Clock clock;

    BankPeriodBooks books;

    @BeforeEach
    void openHospital() {
        books = new BankPeriodBooks(context);
    }

    /** Vector T1 of the domain rules 4.5, from statement lines and entries. */
    @Test
    void t1BankAndBooksBothComeTo3360Dollars20() {
        books.t1();

        BankFigures figures = books.figures(books.start(books.end()));

        BankBalances at = figures.closing();
        assertThat(at.statement()).isEqualTo(usd("3560.20"));
        assertThat(at.depositsInTransit()).isEqualTo(usd("530.00"));
        assertThat(at.outstanding()).isEqualTo(usd("730.00"));
        assertThat(at.book()).isEqualTo(usd("3875.20"));
        assertThat(at.unbookedDebits()).isEqualTo(usd("515.00"));
        assertThat(at.adjustedBank()).isEqualTo(usd("3360.20"));
        assertThat(at.adjustedBook()).isEqualTo(usd("3360.20"));
        assertThat(figures.difference().isZero()).isTrue();
        assertThat(at.expectedStatement()).isEqualTo(usd("3560.20"));
        assertThat(at.of(BankItem.Kind.OUTSTANDING))
                .extracting(BankItem::reference)
                .containsExactly("check 100123");
        assertThat(at.of(BankItem.Kind.DEPOSIT_IN_TRANSIT))
                .extracting(BankItem::reference)
                .containsExactly("deposit DEPOSIT778");
        assertThat(figures.proof().holds()).isTrue();
        assertThat(figures.proof().adjustedBank())
                .isEqualTo(new ProofOfCash.Row(
                        "Adjusted bank", usd("1000.00"), usd("3605.20"), usd("1245.00"), usd("3360.20")));
        assertThat(figures.warnings()).isEmpty();
    }

    @Test
    void outstandingChecksAndDepositsRollForwardIntoTheNextPeriod() {
        books.t1();
        UUID first = completeFirst();
        books.check(books.day(1).plusMonths(1), "100124", "60.00");
        books.voidCheck(books.day(2).plusMonths(1), "100124", "60.00");
        books.check(books.day(3).plusMonths(1), "100125", "45.00");
        books.statement(
                books.end(),
                books.nextEnd(),
                "3560.20",
                line(books.day(2).plusMonths(1), "530.00", "DEPOSIT778", "DEPOSIT"));
        assertThat(books.get(first).status()).isEqualTo(Status.COMPLETED);

        BankFigures next = books.figures(books.start(books.nextEnd()));

        assertThat(next.opening().adjustedBank()).isEqualTo(usd("3360.20"));
        assertThat(next.outstanding())
                .isEqualTo(new BankRollForward(usd("730.00"), usd("105.00"), usd("0.00"), usd("60.00"), usd("775.00")));
        assertThat(next.inTransit())
                .isEqualTo(new BankRollForward(usd("530.00"), usd("0.00"), usd("530.00"), usd("0.00"), usd("0.00")));
        assertThat(next.difference().isZero()).isTrue();
        assertThat(next.proof().holds()).isTrue();
    }

    @Test
    void aFeeIsBookedOnceByANewEntryOnItsDay() {
        books.t1();
        UUID id = books.start(books.end());
        UUID line = books.unbooked(id, "-25.00").id();
        List<UUID> matches = new ArrayList<>();

        asStaff(() -> {
            matches.add(reconciliations.book(id, line, "8140", "Monthly fee"));
            matches.add(reconciliations.book(id, line, "8140", "Monthly fee"));
            matches.add(
                    books.bean(ManualMatches.class).book(line, LineUse.BANK_FEE, "The same on the page of matching"));
        });

        assertThat(Set.copyOf(matches)).hasSize(1);
        var entry = books.hospital.call(() -> books.bean(Journal.class)
                .find(reconciliations.entriesOf(matches.getFirst()).getFirst())
                .orElseThrow());
        assertThat(entry.date()).isEqualTo(books.end());
        assertThat(entry.total()).isEqualTo(usd("25.00"));
        assertThat(entry.lines()).anySatisfy(each -> {
            assertThat(each.accountCode()).isEqualTo("8140");
            assertThat(each.debit()).isEqualTo(usd("25.00"));
        });
        assertThat(state(line)).isEqualTo(BankLine.State.MATCHED);
        assertThat(books.hospital.call(() -> books.bean(BankStatements.class).unexplained(null, 50)))
                .extracting(BankLine::id)
                .doesNotContain(line);
        BankFigures after = books.figures(id);
        assertThat(after.closing().book()).isEqualTo(usd("3850.20"));
        assertThat(after.closing().unbookedDebits()).isEqualTo(usd("490.00"));
        assertThat(after.difference().isZero()).isTrue();
        refused(Refusal.CHANGED_MEANWHILE, () -> reconciliations.book(id, line, "9100", "Interest"));
        refused(
                Refusal.INVALID_INPUT,
                () -> reconciliations.book(id, books.unbooked(id, "-490.00").id(), "1100", "Receivable"));
    }

    @Test
    void aLineOfAClosedMonthIsBookedInTheOpenOneAndStaysUnbookedInItsPeriod() {
        books.t1();
        UUID id = books.start(books.end());
        UUID line = books.unbooked(id, "-25.00").id();
        books.hospital.runAs(Role.CFO, () -> books.bean(FiscalPeriods.class).close(books.month.toString()));

        asStaff(() -> reconciliations.book(id, line, "8140", "Monthly fee"));

        BankItem item = books.unbooked(id, "-25.00");
        assertThat(item.note()).contains("later period");
        assertThat(books.figures(id).undecided()).hasSize(1);
        assertThat(books.figures(id).closing().book()).isEqualTo(usd("3875.20"));
        assertThat(books.figures(id).difference().isZero()).isTrue();
    }

    @Test
    void whatWasBookedByHandIsInTransitUntilTheBankShowsIt() {
        books.firstMonth();
        UUID entry = books.entry(books.day(28), "1000", "4200", "75.00");
        UUID id = completeFirst();
        assertThat(books.figures(id).closing().of(BankItem.Kind.DEPOSIT_IN_TRANSIT))
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.entryId()).isEqualTo(entry);
                    assertThat(item.amount()).isEqualTo(usd("75.00"));
                });
        books.statement(
                books.end(),
                books.nextEnd(),
                "3560.20",
                line(books.day(2).plusMonths(1), "75.00", "CASH1", "CASH DEPOSIT"));
        UUID next = books.start(books.nextEnd());
        UUID line = books.unbooked(next, "75.00").id();

        asStaff(() -> {
            reconciliations.alreadyBooked(next, line, entry, "Cash of the cafeteria");
            reconciliations.alreadyBooked(next, line, entry, "Cash of the cafeteria");
        });

        BankFigures after = books.figures(next);
        assertThat(after.closing().depositsInTransit().isZero()).isTrue();
        assertThat(after.closing().unbookedCredits().isZero()).isTrue();
        assertThat(after.closing().cash()).isEqualTo(usd("3635.20"));
        assertThat(after.difference().isZero()).isTrue();
        assertThat(after.proof().holds()).isTrue();
        assertThat(after.inTransit())
                .isEqualTo(new BankRollForward(usd("75.00"), usd("0.00"), usd("75.00"), usd("0.00"), usd("0.00")));
    }

    @Test
    void anEntryOfAnotherAmountIsNotTakenForALine() {
        books.firstMonth();
        UUID entry = books.entry(books.day(28), "1000", "4200", "75.00");
        UUID id = books.start(books.end());

        refused(
                Refusal.INVALID_INPUT,
                () -> reconciliations.alreadyBooked(
                        id, books.unbooked(id, "-25.00").id(), entry, "Is it this?"));
    }

    @Test
    void twoLinesThatTakeEachOtherBackLeaveNothing() {
        books.deposit(books.day(1), "DEPOSIT777", "3075.20");
        books.statement(
                books.day(1).minusDays(1),
                books.end(),
                "1000.00",
                line(books.day(1), "3075.20", "DEPOSIT777", "DEPOSIT"),
                line(books.day(9), "-40.00", "WRONG1", "CHARGED BY MISTAKE"),
                line(books.day(12), "40.00", "WRONG2", "CORRECTION"));
        UUID id = books.start(books.end());
        UUID wrong = books.unbooked(id, "-40.00").id();
        UUID right = books.unbooked(id, "40.00").id();

        asStaff(() -> {
            reconciliations.offset(id, wrong, right, "The bank corrected it");
            reconciliations.offset(id, right, wrong, "The bank corrected it");
        });

        assertThat(state(wrong)).isEqualTo(BankLine.State.MATCHED);
        assertThat(state(right)).isEqualTo(BankLine.State.MATCHED);
        assertThat(books.figures(id).undecided()).isEmpty();
        assertThat(books.figures(id).proof().holds()).isTrue();
        assertThat(books.figures(id).difference().isZero()).isTrue();
    }

    @Test
    void anErrorOfTheBankIsItsSideAndEverythingElseMayBeCarried() {
        books.t1();
        UUID id = books.start(books.end());

        asStaff(() -> {
            reconciliations.decideLine(
                    id, books.unbooked(id, "-25.00").id(), LineDecision.BANK_ERROR, "Not our account");
            reconciliations.decideLine(id, books.unbooked(id, "-490.00").id(), LineDecision.CARRIED, "Asked the payer");
        });

        BankFigures figures = books.figures(id);
        assertThat(figures.undecided()).isEmpty();
        assertThat(figures.closing().bankErrors()).isEqualTo(usd("-25.00"));
        assertThat(figures.closing().adjustedBank()).isEqualTo(usd("3385.20"));
        assertThat(figures.closing().adjustedBook()).isEqualTo(usd("3385.20"));
        assertThat(figures.proof().holds()).isTrue();
    }

    @Test
    void aLineThatWasCarriedIsLookedAtAgainInTheNextPeriod() {
        books.t1();
        UUID first = completeFirst();
        BankBalances carried = books.figures(first).closing();
        books.statement(books.end(), books.nextEnd(), "3560.20");
        UUID second = books.start(books.nextEnd());
        UUID returned = books.unbooked(second, "-490.00").id();

        assertThat(books.figures(second).undecided()).extracting(BankItem::id).containsExactly(returned);
        refused(Refusal.BANK_NOT_BALANCED, () -> complete(second));
        assertThat(books.get(second).refusalReason()).contains("one line of the bank is not explained");

        asStaff(() -> reconciliations.decideLine(second, returned, LineDecision.BANK_ERROR, "The payer never paid it"));
        complete(second);
        approve(second);
        assertThat(books.figures(second).undecided()).isEmpty();
        assertThat(books.figures(first).closing())
                .as("the period that carried it")
                .isEqualTo(carried);
        assertThat(books.hospital.call(() -> reconciliations.stillHolds(first))).isTrue();
    }

    @Test
    void aLineThatWasCarriedIsBookedAfterTheApprovedPeriodAndCanBeUndoneThere() {
        books.t1();
        UUID first = books.start(books.end());
        UUID fee = books.unbooked(first, "-25.00").id();
        asStaff(() -> reconciliations.decideLine(first, fee, LineDecision.CARRIED, "Whose is it?"));
        books.explainAll(first);
        complete(first);
        approve(first);
        books.statement(books.end(), books.nextEnd(), "3560.20");
        UUID second = books.start(books.nextEnd());
        BankFigures before = books.figures(second);
        var match = new AtomicReference<UUID>();

        asStaff(() -> match.set(reconciliations.book(second, fee, "8140", "Monthly fee")));

        assertThat(books.hospital
                        .call(() -> books.bean(Journal.class)
                                .find(reconciliations.entriesOf(match.get()).getFirst())
                                .orElseThrow())
                        .date())
                .isEqualTo(books.end().plusDays(1));
        assertThat(books.hospital.call(() -> reconciliations.stillHolds(first))).isTrue();
        assertThat(books.figures(second).closing().unbookedDebits()).isEqualTo(usd("490.00"));
        assertThat(books.figures(second).proof().holds()).isTrue();

        asStaff(() -> reconciliations.undo(second, match.get(), "It is interest"));

        assertThat(books.figures(second).closing()).isEqualTo(before.closing());
        assertThat(books.hospital.call(() -> reconciliations.stillHolds(first))).isTrue();
        asStaff(() -> match.set(reconciliations.book(second, fee, "9100", "Interest")));
        books.explainAll(second);
        complete(second);
        approve(second);
        refused(Refusal.MATCH_NOT_UNDOABLE, () -> books.bean(BankMatches.class).undo(match.get(), "A fee after all"));
    }

    @Test
    void anErrorOfTheBankCountsOnTheSideOfTheBankUntilItIsCorrected() {
        books.t1();
        UUID first = books.start(books.end());
        UUID returned = books.unbooked(first, "-490.00").id();
        asStaff(() -> reconciliations.decideLine(first, returned, LineDecision.BANK_ERROR, "Not our check"));
        books.explainAll(first);
        complete(first);
        approve(first);
        books.statement(books.end(), books.nextEnd(), "3560.20");

        BankFigures next = books.figures(books.start(books.nextEnd()));

        assertThat(next.undecided()).isEmpty();
        assertThat(next.closing().of(BankItem.Kind.BANK_ERROR))
                .extracting(BankItem::id, BankItem::note)
                .containsExactly(tuple(returned, "Not our check"));
        assertThat(next.proof().holds()).isTrue();
    }

    @Test
    void twoMistakesThatCancelOutAreNotCompleted() {
        books.t1();
        UUID id = books.start(books.end());
        bookedWithAnotherAmount(id);
        books.explainAll(id);
        BankFigures figures = books.figures(id);
        assertThat(figures.difference().isZero()).isTrue();
        assertThat(figures.proof().holds()).isFalse();

        refused(Refusal.BANK_NOT_BALANCED, () -> complete(id));

        assertThat(books.get(id).status()).isEqualTo(Status.DISCREPANCY);
        assertThat(books.get(id).refusalReason())
                .contains("2 movements are booked with other amounts than the bank shows");
    }

    @Test
    void twoMistakesThatCancelOutAreNotApproved() {
        books.t1();
        UUID id = books.start(books.end());
        books.explainAll(id);
        complete(id);
        bookedWithAnotherAmount(id);
        // As completed before the proof had to hold.
        books.hospital.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> books.bean(org.springframework.jdbc.core.simple.JdbcClient.class)
                        .sql("update accounting_bank_reconciliation set reconciled_at = :now where org_id = :org")
                        .param("now", java.sql.Timestamp.from(now()))
                        .param("org", books.hospital.id().value())
                        .update()));

        assertThatThrownBy(() -> approve(id)).hasMessageContaining("The proof of cash does not hold");

        assertThat(books.get(id).status()).isEqualTo(Status.BALANCED);
    }

    /** A deposit of 3,075.20 with five dollars too many, the returned item of 490.00 with five too many taken off. */
    private void bookedWithAnotherAmount(UUID id) {
        UUID deposit = books.hospital
                .call(() -> reconciliations.cleared(id, 10))
                .getFirst()
                .id();
        UUID returned = books.unbooked(id, "-490.00").id();
        books.post(books.next(books.day(21))
                .reference("bank-line", deposit)
                .debit("1000", usd("5.00"), null)
                .credit("4200", usd("5.00"), null));
        books.post(books.next(books.day(21))
                .reference("bank-line", returned)
                .debit("4200", usd("5.00"), null)
                .credit("1000", usd("5.00"), null));
    }

    @Test
    void aPeriodWithLinesThatNothingExplainsIsNotCompleted() {
        books.t1();
        UUID id = books.start(books.end());

        refused(Refusal.BANK_NOT_BALANCED, () -> complete(id));

        assertThat(books.get(id).status()).isEqualTo(Status.DISCREPANCY);
        assertThat(books.get(id).refusalReason()).contains("2 lines of the bank are not explained");
    }

    @Test
    void aDifferenceOfOneCentIsNotCompleted() {
        books.t1();
        UUID id = books.start(books.end());
        books.explainAll(id);
        UUID line = books.figures(id)
                .closing()
                .of(BankItem.Kind.UNBOOKED)
                .getFirst()
                .id();
        books.post(books.next(books.day(21))
                .reference("bank-line", line)
                .debit("1000", usd("0.01"), null)
                .credit("4200", usd("0.01"), null));

        BankFigures figures = books.figures(id);
        assertThat(figures.difference()).isEqualTo(usd("-0.01"));
        assertThat(figures.closing().of(BankItem.Kind.MISMATCH))
                .singleElement()
                .satisfies(item -> assertThat(item.amount()).isEqualTo(usd("0.01")));
        refused(Refusal.BANK_NOT_BALANCED, () -> complete(id));
        assertThat(books.get(id).refusalReason()).contains("differ by -0.01");
    }

    @Test
    void whatTheBooksBeganWithMustBeWhatTheStatementsBeganWith() {
        books.firstMonth();
        books.entry(books.day(1).minusDays(1), "1000", "3000", "12.00");
        UUID id = books.start(books.end());
        assertThat(books.figures(id).difference()).isEqualTo(usd("-12.00"));

        books.opening(books.day(1), "3000", "1000", "12.00");

        assertThat(books.figures(id).difference().isZero()).isTrue();
        assertThat(books.figures(id).proof().holds()).isTrue();
    }

    @Test
    void aStatementThatIsMissingOrDoesNotReachTheEndRefusesThePeriod() {
        books.statement(
                books.day(1).minusDays(1), books.day(9), "1000.00", line(books.day(1), "10.00", "A1", "DEPOSIT"));
        refused(Refusal.STATEMENTS_INCOMPLETE, () -> books.start(books.end()));

        // The one of the 10th to the 19th is missing: 300.00 came in.
        books.statement(books.day(19), books.end(), "1310.00", line(books.day(22), "20.00", "A3", "DEPOSIT"));
        assertThatThrownBy(() -> books.start(books.end()))
                .hasMessageContaining("opens with 1,310.00, but the account stood at 1,010.00 before: one is missing");

        books.statement(books.day(9), books.day(19), "1010.00", line(books.day(12), "300.00", "A2", "DEPOSIT"));
        assertThat(books.figures(books.start(books.end())).closing().statement())
                .isEqualTo(usd("1330.00"));
    }

    @Test
    void periodsFollowEachOtherWithoutGapOrOverlap() {
        books.t1();
        UUID first = books.start(books.end());
        books.statement(books.end(), books.nextEnd(), "3560.20");

        refused(Refusal.PERIOD_OUT_OF_ORDER, () -> books.start(books.end()));
        refused(Refusal.PERIOD_OUT_OF_ORDER, () -> books.start(books.day(10)));
        UUID second = books.start(books.nextEnd());
        assertThat(books.get(second).start()).isEqualTo(books.end().plusDays(1));

        refused(Refusal.EARLIER_PERIOD_OPEN, () -> complete(second));
        books.explainAll(first);
        complete(first);
        refused(Refusal.EARLIER_PERIOD_OPEN, () -> complete(second));
        approve(first);
        books.explainAll(second);
        complete(second);
        approve(second);
        assertThat(books.get(second).status()).isEqualTo(Status.COMPLETED);
    }

    @Test
    void aPeriodThatIsNotOverIsRefused() {
        books.t1();
        refused(
                Refusal.INVALID_INPUT,
                () -> books.start(books.hospital.call(() ->
                        books.bean(io.remitflow.identity.Organizations.class).today())));
    }

    @Test
    void accountsThatShareALedgerAccountAreNotReconciled() {
        books.t1();
        books.open("Second", "9876543210", "1000");

        refused(Refusal.INVALID_INPUT, () -> books.start(books.end()));
    }

    /** C11: the second is refused, and what a person booked in between stays. */
    @Test
    void c11OfTwoWhoBeginTheSamePeriodOneDoes() throws Exception {
        books.t1();

        List<Object> outcomes = together(() -> books.start(books.end()), () -> books.start(books.end()));

        assertThat(outcomes).filteredOn(UUID.class::isInstance).hasSize(1);
        assertThat(outcomes).filteredOn(Refusal.class::isInstance).containsExactly(Refusal.PERIOD_OUT_OF_ORDER);
        assertThat(books.sql("select reconciliation_number from accounting_bank_reconciliation"))
                .hasSize(1);
    }

    @Test
    void c11OfTwoWhoCompleteTheSamePeriodOneDoes() throws Exception {
        books.t1();
        UUID id = books.start(books.end());
        books.explainAll(id);

        List<Object> outcomes = together(() -> complete(id), () -> complete(id));

        assertThat(outcomes)
                .filteredOn(Refusal.class::isInstance)
                .containsExactly(Refusal.BANK_RECONCILIATION_NOT_IN_STATE);
        assertThat(books.get(id).status()).isEqualTo(Status.BALANCED);
        assertThat(books.get(id).version()).isEqualTo(1);
    }

    @Test
    void ofTwoWhoBookTheSameLineDifferentlyOneDoes() throws Exception {
        books.t1();
        UUID id = books.start(books.end());
        UUID line = books.unbooked(id, "-25.00").id();

        List<Object> outcomes = together(
                () -> reconciliations.book(id, line, "8140", "Fee"),
                () -> reconciliations.book(id, line, "8110", "Fee of cards"));

        assertThat(outcomes).filteredOn(Refusal.class::isInstance).containsExactly(Refusal.CHANGED_MEANWHILE);
        assertThat(books.figures(id).closing().book()).isEqualTo(usd("3850.20"));
    }

    @Test
    void whoeverWorkedOnItDoesNotApproveIt() {
        books.t1();
        UUID id = books.start(books.end());
        // The CFO decides about a line, so that only another person is left who may approve.
        books.hospital.runAs(
                Role.CFO,
                () -> reconciliations.decideLine(
                        id, books.unbooked(id, "-490.00").id(), LineDecision.CARRIED, "Asked the payer"));
        books.explainAll(id);
        complete(id);

        refused(Refusal.SELF_APPROVAL, () -> decide(Role.ACCOUNTING_STAFF, id, true, "Fine"));
        refused(Refusal.SELF_APPROVAL, () -> decide(Role.CFO, id, true, "Fine"));
        refused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decide(Role.BILLING_MANAGER, id, true, "Fine"));
        assertThat(books.get(id).status()).isEqualTo(Status.BALANCED);
    }

    @Test
    void whatIsSentBackIsCompletedAndApprovedAnew() {
        books.t1();
        UUID id = books.start(books.end());
        books.explainAll(id);
        complete(id);
        refused(Refusal.INVALID_INPUT, () -> decide(Role.CFO, id, false, ""));

        decide(Role.CFO, id, false, "What is the returned item?");

        assertThat(books.get(id).status()).isEqualTo(Status.IN_PROGRESS);
        assertThat(books.get(id).refusalReason()).isEqualTo("What is the returned item?");
        complete(id);
        assertThat(books.get(id).version()).isEqualTo(2);
        approve(id);
        assertThat(books.get(id).status()).isEqualTo(Status.COMPLETED);
        assertThat(books.get(id).approvedBy()).isEqualTo(books.hospital.user(Role.CFO));
    }

    @Test
    void whoeverAcceptedASuggestionOfTheMatcherDoesNotApprove() {
        withASuggestion();
        UUID id = books.start(books.end());
        UUID match = suggestion();
        books.hospital.runAs(Role.CFO, () -> books.bean(BankMatches.class).accept(match, 0));

        cfoCannotApprove(id);
    }

    @Test
    void whoeverAcceptedOrUndidAMatchInTheWorkspaceDoesNotApprove() {
        withASuggestion();
        UUID id = books.start(books.end());
        UUID match = suggestion();
        asStaff(() -> reconciliations.accept(id, match, 0));
        books.hospital.runAs(Role.CFO, () -> reconciliations.undo(id, match, "Another payment"));

        assertThat(steps(id)).contains("Match accepted", "Match undone");
        cfoCannotApprove(id);
    }

    @Test
    void whoeverDeclinedASuggestionDoesNotApprove() {
        withASuggestion();
        UUID id = books.start(books.end());
        UUID match = suggestion();
        books.hospital.runAs(Role.CFO, () -> reconciliations.decline(id, match, "Another payment"));

        cfoCannotApprove(id);
    }

    @Test
    void whoeverMatchedLinesByHandDoesNotApprove() {
        books.deposit(books.day(1), "DEPOSIT777", "3075.20");
        books.statement(
                books.day(1).minusDays(1),
                books.end(),
                "1000.00",
                line(books.day(1), "3075.20", "DEPOSIT777", "DEPOSIT"),
                line(books.day(9), "-40.00", "WRONG1", "CHARGED BY MISTAKE"),
                line(books.day(12), "40.00", "WRONG2", "CORRECTION"));
        UUID id = books.start(books.end());
        var both = new ManualMatches.Selection(
                List.of(
                        books.unbooked(id, "-40.00").id(),
                        books.unbooked(id, "40.00").id()),
                List.of());
        books.hospital.runAs(Role.CFO, () -> books.bean(ManualMatches.class).match(both, "The bank corrected it"));

        cfoCannotApprove(id);
    }

    @Test
    void whoeverBookedAFeeOnThePageOfMatchingDoesNotApprove() {
        books.t1();
        UUID id = books.start(books.end());
        UUID fee = books.unbooked(id, "-25.00").id();
        books.hospital.runAs(Role.CFO, () -> books.bean(ManualMatches.class).book(fee, LineUse.BANK_FEE, "Price list"));

        cfoCannotApprove(id);
    }

    @Test
    void whoeverUndidTheClearingOfALineDoesNotApprove() {
        books.t1();
        UUID id = books.start(books.end());
        UUID line = books.hospital
                .call(() -> reconciliations.cleared(id, 10))
                .getFirst()
                .id();
        books.hospital.runAs(Role.CFO, () -> reconciliations.undoClearing(id, line, "Another deposit"));

        cfoCannotApprove(id);
    }

    @Test
    void whoeverWorkedOnALineThatWasCarriedIntoThePeriodDoesNotApprove() {
        books.t1();
        UUID first = books.start(books.end());
        UUID returned = books.unbooked(first, "-490.00").id();
        UUID fee = books.unbooked(first, "-25.00").id();
        asStaff(() -> {
            reconciliations.decideLine(first, returned, LineDecision.CARRIED, "Asked the payer");
            reconciliations.decideLine(first, fee, LineDecision.CARRIED, "Whose is it?");
        });
        complete(first);
        approve(first);
        books.statement(books.end(), books.nextEnd(), "3560.20");
        UUID second = books.start(books.nextEnd());
        books.hospital.runAs(Role.CFO, () -> reconciliations.book(second, fee, "8140", "Monthly fee"));
        books.explainAll(second);
        complete(second);
        refused(Refusal.SELF_APPROVAL, () -> decide(Role.CFO, second, true, "Fine"));
        refused(Refusal.SELF_APPROVAL, () -> decide(Role.ACCOUNTING_STAFF, second, true, "Fine"));
    }

    @Test
    void aWrongClickInTheWorkspaceIsUndoneAndTheLineIsBack() {
        books.firstMonth();
        UUID id = books.start(books.end());
        UUID fee = books.unbooked(id, "-25.00").id();
        BankFigures before = books.figures(id);
        var wrong = new AtomicReference<UUID>();
        asStaff(() -> wrong.set(reconciliations.book(id, fee, "9100", "Interest")));
        assertThat(books.hospital.call(() -> reconciliations.matched(id, 10)))
                .extracting(io.remitflow.bank.BankMatch::id)
                .containsExactly(wrong.get());
        var effects = books.hospital.call(() -> reconciliations.undoEffects(id, wrong.get(), null));
        assertThat(effects.isPossible()).isTrue();
        assertThat(effects.lines()).extracting(BankLine::id).containsExactly(fee);

        asStaff(() -> reconciliations.undo(id, wrong.get(), "It is a fee"));

        assertThat(books.figures(id).closing()).isEqualTo(before.closing());
        assertThat(books.unbooked(id, "-25.00").id()).isEqualTo(fee);
        assertThat(books.hospital.call(() -> reconciliations.matched(id, 10))).isEmpty();
        asStaff(() -> reconciliations.book(id, fee, "8140", "Monthly fee"));
        assertThat(books.figures(id).difference().isZero()).isTrue();
    }

    @Test
    void whatWasSaidToBeBookedBeforeIsInTransitAgainWhenItIsUndone() {
        books.deposit(books.day(1), "DEPOSIT777", "3075.20");
        UUID cash = books.entry(books.day(5), "1000", "4200", "75.00");
        books.statement(
                books.day(1).minusDays(1),
                books.end(),
                "1000.00",
                line(books.day(1), "3075.20", "DEPOSIT777", "DEPOSIT"),
                line(books.day(6), "75.00", "CASH1", "CASH DEPOSIT"));
        UUID id = books.start(books.end());
        UUID line = books.unbooked(id, "75.00").id();
        BankFigures before = books.figures(id);
        var match = new AtomicReference<UUID>();
        asStaff(() -> match.set(reconciliations.alreadyBooked(id, line, cash, "Cash of the cafeteria")));
        assertThat(books.figures(id).closing().depositsInTransit().isZero()).isTrue();

        asStaff(() -> reconciliations.undo(id, match.get(), "It was other cash"));

        assertThat(books.figures(id).closing()).isEqualTo(before.closing());
        assertThat(books.figures(id).difference().isZero()).isTrue();
        assertThat(books.figures(id).proof().holds()).isTrue();
        asStaff(() -> reconciliations.alreadyBooked(id, line, cash, "It was this cash after all"));
        assertThat(books.figures(id).closing().depositsInTransit().isZero()).isTrue();
        io.remitflow.local.Invariants.ofTests().hold();
    }

    @Test
    void aLineThatWasClearedByItsKeyGoesToSuspenseAndItsDepositIsInTransitAgain() {
        books.t1();
        UUID id = books.start(books.end());
        BankLine line =
                books.hospital.call(() -> reconciliations.cleared(id, 10)).getFirst();
        var effects = books.hospital.call(() -> reconciliations.undoEffects(id, null, line.id()));
        assertThat(effects.records())
                .singleElement()
                .satisfies(record -> assertThat(record.title()).contains("DEPOSIT777"));

        asStaff(() -> reconciliations.undoClearing(id, line.id(), "It is another deposit"));

        assertThat(state(line.id())).isEqualTo(BankLine.State.SUSPENSE);
        BankFigures figures = books.figures(id);
        assertThat(figures.difference().isZero()).isTrue();
        assertThat(figures.closing().depositsInTransit()).isEqualTo(usd("3605.20"));
        assertThat(figures.closing().unbookedCredits()).isEqualTo(usd("3075.20"));
        assertThat(figures.proof().holds()).isTrue();
        assertThat(steps(id)).contains("Clearing undone");
        refused(Refusal.MATCH_NOT_UNDOABLE, () -> reconciliations.undoClearing(id, line.id(), "Again"));
        books.hospital.run(() -> books.bean(BankMatches.class).suggest());
        assertThat(books.hospital.call(() -> books.bean(BankMatches.class).suggestions(null, 10)))
                .as("not what a person said it is not")
                .isEmpty();
        io.remitflow.local.Invariants.ofTests().hold();
    }

    @Test
    void aClearingUnderAnApprovedPeriodIsNotUndone() {
        books.t1();
        UUID id = completeFirst();
        UUID line = books.hospital
                .call(() -> reconciliations.cleared(id, 10))
                .getFirst()
                .id();

        refused(
                Refusal.MATCH_NOT_UNDOABLE,
                () -> books.bean(io.remitflow.bank.ClearedLines.class).undo(line, "Another deposit"));
        refused(
                Refusal.BANK_RECONCILIATION_NOT_IN_STATE,
                () -> reconciliations.undoClearing(id, line, "Another deposit"));
    }

    @Test
    void aSuggestionForAnotherAccountIsNotAcceptedInThePeriod() {
        withASuggestion();
        UUID match = suggestion();
        UUID other = books.open("Payroll", "9876543210", "1010");
        books.statementOf(
                "9876543210",
                books.day(1).minusDays(1),
                books.end(),
                "0.00",
                line(books.day(3), "1.00", "X1", "DEPOSIT"));
        UUID ofOther = books.start(other, books.end());

        refused(Refusal.NOT_FOUND, () -> reconciliations.accept(ofOther, match, 0));
        refused(Refusal.NOT_FOUND, () -> reconciliations.undo(ofOther, match, "Why"));
        assertThat(books.hospital
                        .call(() -> books.bean(BankMatches.class).get(match))
                        .status()
                        .key())
                .isEqualTo("suggested");
    }

    @Test
    void aDepositIsInTransitToTheAccountItNames() {
        try {
            books.t1();
            UUID other = books.open("Payroll", "9876543210", "1010");
            books.statementOf("9876543210", books.day(1).minusDays(1), books.end(), "0.00");
            books.post(books.next(books.day(10))
                    .debit("1070", usd("200.00"), new ClearingReference("payment", "PM-1"))
                    .credit("4200", usd("200.00"), null));
            depositedTo(other, "BD-000001", 20_000);
            books.post(books.next(books.day(12))
                    .debit("1070", usd("200.00"), new ClearingReference("deposit", "BD-000001"))
                    .credit("1070", usd("200.00"), new ClearingReference("payment", "PM-1")));

            UUID ofOther = books.start(other, books.end());
            BankFigures first = books.figures(books.start(books.end()));
            BankFigures second = books.figures(ofOther);

            assertThat(first.closing().of(BankItem.Kind.DEPOSIT_IN_TRANSIT))
                    .extracting(BankItem::reference)
                    .containsExactly("deposit DEPOSIT778");
            assertThat(first.closing().book()).isEqualTo(usd("3875.20"));
            assertThat(second.closing().of(BankItem.Kind.DEPOSIT_IN_TRANSIT))
                    .extracting(BankItem::reference, BankItem::amount)
                    .containsExactly(tuple("deposit BD-000001", usd("200.00")));
            assertThat(second.closing().book()).isEqualTo(usd("200.00"));
            for (BankFigures each : List.of(first, second)) {
                assertThat(each.difference().isZero()).isTrue();
                assertThat(each.proof().holds()).isTrue();
            }

            books.statementOf(
                    "9876543210",
                    books.end(),
                    books.nextEnd(),
                    "0.00",
                    line(books.end().plusDays(2), "200.00", "BD-000001", "DEPOSIT"));
            complete(ofOther);
            approve(ofOther);
            BankFigures next = books.figures(books.start(other, books.nextEnd()));
            assertThat(next.opening().depositsInTransit()).isEqualTo(usd("200.00"));
            assertThat(next.closing().depositsInTransit().isZero()).isTrue();
            assertThat(next.difference().isZero()).isTrue();
        } finally {
            // What is in the deposit is not in these books.
            books.hospital.forget();
        }
    }

    private void depositedTo(UUID account, String number, long minor) {
        UUID by = books.hospital.user(Role.BILLING_CLERK).value();
        books.sql("""
                insert into billing_bank_deposits (org_id, id, deposit_number, deposit_method, bank_account_id, deposit_date,
                    amount, currency, item_count, status, prepared_by, prepared_at)
                values ('%s', gen_random_uuid(), '%s', 'check', '%s', '%s', %d, 'USD', 1, 'prepared', '%s', now())
                returning deposit_number
                """.formatted(books.hospital.id().value(), number, account, books.day(12), minor, by));
    }

    /** A check on its way that a line of the bank without a key is, by amount and date. */
    private void withASuggestion() {
        books.post(books.next(books.day(2))
                .debit("1070", usd("61.00"), new io.remitflow.ledger.ClearingReference("check", "880001"))
                .credit("4200", usd("61.00"), null));
        books.statement(
                books.day(1).minusDays(1),
                books.end(),
                "1000.00",
                line(books.day(3), "61.00", "NONREF", "COUNTER CREDIT"));
    }

    private UUID suggestion() {
        return books.hospital
                .call(() -> books.bean(BankMatches.class).suggestions(null, 10))
                .getFirst()
                .id();
    }

    private List<String> steps(UUID id) {
        return books.sql("select step from workflow_timeline where subject_id = '%s' order by 1".formatted(id));
    }

    private void cfoCannotApprove(UUID id) {
        books.explainAll(id);
        complete(id);
        refused(Refusal.SELF_APPROVAL, () -> decide(Role.CFO, id, true, "Fine"));
        assertThat(books.get(id).status()).isEqualTo(Status.BALANCED);
    }

    @Test
    void aCompletedPeriodIsOpenedAgainWithAReasonAndNeedsANewApproval() {
        books.t1();
        UUID first = completeFirst();
        books.statement(books.end(), books.nextEnd(), "3560.20");
        UUID second = books.start(books.nextEnd());
        books.explainAll(second);
        complete(second);

        refused(Refusal.PERIOD_OUT_OF_ORDER, () -> reopen(first, "Forgot a fee"));
        decide(Role.CFO, second, false, "January first");
        refused(Refusal.INVALID_INPUT, () -> reopen(first, " "));
        reopen(first, "Forgot a fee");

        assertThat(books.get(first).status()).isEqualTo(Status.IN_PROGRESS);
        assertThat(books.get(first).round()).isEqualTo(2);
        refused(Refusal.EARLIER_PERIOD_OPEN, () -> complete(second));
        refused(Refusal.TASK_ALREADY_DECIDED, () -> decide(Role.CFO, first, true, "As before"));
        complete(first);
        approve(first);
        assertThat(books.get(first).version()).isEqualTo(2);
        assertThat(books.get(first).status()).isEqualTo(Status.COMPLETED);
    }

    @Test
    void figuresOfAPastInstantStayAsTheyWereAndALateEntryKeepsFromApproving() {
        books.t1();
        UUID id = books.start(books.end());
        books.explainAll(id);
        Instant before = now();
        BankFigures then = books.figures(id);
        complete(id);
        BankFigures completed = books.figures(id);

        books.check(books.day(27), "100126", "10.00");

        assertThat(books.hospital
                        .call(() -> reconciliations.figures(id, before))
                        .closing())
                .isEqualTo(then.closing());
        assertThat(books.figures(id)).isEqualTo(completed);
        assertThat(books.hospital.call(() -> reconciliations.stillHolds(id))).isFalse();
        assertThat(books.hospital
                        .call(() -> reconciliations.figures(id, now()))
                        .closing()
                        .outstanding())
                .isEqualTo(usd("740.00"));
        refused(Refusal.CHANGED_MEANWHILE, () -> approve(id));
        decide(Role.CFO, id, false, "A check came in late");
        complete(id);
        approve(id);
        assertThat(books.figures(id).closing().outstanding()).isEqualTo(usd("740.00"));
        assertThat(books.sql("select item_type || ' ' || amount from accounting_reconciliation_items where version = 1"
                        + " order by position"))
                .containsExactly("outstanding_deposit 53000", "outstanding_check -73000", "adjustment -49000");
    }

    @Test
    void theAccountSaysUpToWhereItIsReconciledUntilThatIsOpenedAgain() {
        books.t1();
        assertThat(account().reconciled()).isNull();
        UUID first = completeFirst();

        assertThat(account().reconciled())
                .isEqualTo(new io.remitflow.bank.BankAccount.Reconciled(books.end(), usd("3560.20")));

        reopen(first, "Forgot a fee");
        assertThat(account().reconciled()).isNull();
    }

    private io.remitflow.bank.BankAccount account() {
        return books.hospital.call(
                () -> books.bean(io.remitflow.bank.BankAccounts.class).get(books.account));
    }

    @Test
    void draftsDatedInThePeriodAreWarnedAbout() {
        books.t1();
        UUID id = books.start(books.end());
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> books.bean(io.remitflow.ledger.JournalDrafts.class)
                        .create(
                                new io.remitflow.ledger.DraftContent(
                                        books.day(15),
                                        io.remitflow.ledger.EntryType.STANDARD,
                                        null,
                                        "Still thinking",
                                        List.of()),
                                null));

        assertThat(books.figures(id).warnings())
                .containsExactly("One journal entry dated in the period is still a draft");
    }

    @Test
    void thePdfAndTheWorkbookSayWhatThePageSays() throws Exception {
        books.t1();
        UUID id = completeFirst();
        BankFigures figures = books.figures(id);

        byte[] pdf = books.hospital.call(() -> reconciliations.pdf(id));
        String text;
        try (var document = Loader.loadPDF(pdf)) {
            text = new PDFTextStripper().getText(document);
        }
        Map<String, String> cells = new java.util.HashMap<>();
        byte[] workbook = books.hospital.call(() -> reconciliations.workbook(id));
        var format = new DataFormatter(java.util.Locale.US);
        List<String> sheets = new ArrayList<>();
        try (var opened = new XSSFWorkbook(new ByteArrayInputStream(workbook))) {
            opened.forEach(sheet -> sheets.add(sheet.getSheetName()));
            opened.getSheet("Reconciliation")
                    .forEach(row ->
                            cells.put(format.formatCellValue(row.getCell(0)), format.formatCellValue(row.getCell(1))));
            assertThat(opened.getSheet("Proof of cash").getLastRowNum())
                    .isEqualTo(figures.proof().bank().size()
                            + figures.proof().book().size()
                            + 1);
        }

        BankBalances at = figures.closing();
        for (var money :
                List.of(at.statement(), at.depositsInTransit(), at.book(), at.adjustedBank(), at.adjustedBook())) {
            assertThat(text).contains(Amounts.format(money));
        }
        assertThat(text)
                .contains(
                        books.get(id).number(),
                        "check 100123",
                        "deposit DEPOSIT778",
                        "Completed by",
                        "Approved by CFO");
        assertThat(cells)
                .containsEntry("Balance of the bank statement", "3,560.20")
                .containsEntry("Adjusted bank balance", "3,360.20")
                .containsEntry("Adjusted book balance", "3,360.20")
                .containsEntry("Difference", "0.00");
        assertThat(sheets)
                .contains("Reconciliation", "Proof of cash", "Roll-forward", "Deposit in transit", "Not booked yet");
    }

    @Test
    void aMatchUnderAnApprovedPeriodIsUndoneOnlyAfterThePeriodWasOpenedAgain() {
        books.t1();
        UUID id = books.start(books.end());
        UUID fee = books.unbooked(id, "-25.00").id();
        var match = new AtomicReference<UUID>();
        asStaff(() -> match.set(books.bean(ManualMatches.class).book(fee, LineUse.BANK_FEE, "Analysis fee")));
        books.explainAll(id);
        complete(id);
        approve(id);
        Runnable undo = () -> books.bean(BankMatches.class).undo(match.get(), "Not a fee");

        refused(Refusal.MATCH_NOT_UNDOABLE, undo);

        reopen(id, "The fee was wrong");
        asStaff(undo);
        assertThat(state(fee)).isEqualTo(BankLine.State.SUSPENSE);
    }

    @Test
    void anotherHospitalSeesNothingOfIt() {
        books.t1();
        UUID id = books.start(books.end());
        var other = new BankPeriodBooks(context);

        assertThatThrownBy(() -> other.get(id)).isInstanceOf(RuleViolation.class);
        assertThat(other.hospital.call(() -> reconciliations.list(null, null, 10)))
                .isEmpty();
        other.statement(other.day(1).minusDays(1), other.end(), "1000.00", line(other.day(1), "5.00", "A1", "DEPOSIT"));
        BankFigures figures = other.figures(other.start(other.end()));
        assertThat(figures.closing().statement()).isEqualTo(usd("1005.00"));
        assertThat(figures.closing().depositsInTransit().isZero()).isTrue();
    }

    private UUID completeFirst() {
        UUID id = books.start(books.end());
        books.explainAll(id);
        complete(id);
        approve(id);
        return id;
    }

    private UUID complete(UUID id) {
        int version = books.get(id).version();
        asStaff(() -> reconciliations.complete(id, TASK.incrementAndGet(), version, ""));
        return id;
    }

    private void approve(UUID id) {
        decide(Role.CFO, id, true, "Fine");
        // As after the last worker of the process, which has no engine here.
        BankReconciliation found = books.get(id);
        books.hospital.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> books.bean(ProcessInstances.class)
                        .caseEnded(BankReconciliationSteps.PROCESS, found.processKey())));
    }

    private void decide(Role role, UUID id, boolean approve, String comment) {
        books.hospital.runAs(
                role,
                () -> reconciliations.decide(
                        id,
                        new ApprovalDecision(
                                TASK.incrementAndGet(), books.get(id).version(), approve, comment)));
    }

    private void reopen(UUID id, String reason) {
        asStaff(() -> reconciliations.reopen(id, reason));
    }

    private BankLine.State state(UUID line) {
        return books.hospital
                .call(() -> books.bean(BankStatements.class).line(line))
                .state();
    }

    private void asStaff(Runnable work) {
        books.hospital.runAs(Role.ACCOUNTING_STAFF, work);
    }

    private void refused(Refusal refusal, Runnable work) {
        assertThatThrownBy(() -> asStaff(work))
                .isInstanceOfSatisfying(
                        RuleViolation.class,
                        violation -> assertThat(violation.refusal()).isEqualTo(refusal));
    }

    private Instant now() {
        return clock.instant();
    }

    /** What came of each: a value, or the refusal. */
    private List<Object> together(java.util.concurrent.Callable<?>... works) throws Exception {
        var ready = new CountDownLatch(works.length);
        List<Object> outcomes = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        books.hospital.user(Role.ACCOUNTING_STAFF);
        for (var work : works) {
            threads.add(Thread.ofPlatform()
                    .start(() -> asStaff(() -> {
                        ready.countDown();
                        try {
                            ready.await();
                            outcomes.add(work.call());
                        } catch (RuleViolation refused) {
                            outcomes.add(refused.refusal());
                        } catch (Exception e) {
                            outcomes.add(e);
                        }
                    })));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return outcomes;
    }
}
