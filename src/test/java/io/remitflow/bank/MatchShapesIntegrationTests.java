package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.SettlementState;
import io.remitflow.remittance.Settlements;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Matches of every shape that the matcher finds: what they book, who paid what, and how they are undone. */
@BooksTest
class MatchShapesIntegrationTests {

    private static final String PAYER = "GREENLEAF HEALTH PLAN";

    @Autowired
    ApplicationContext context;

    BankBooks books;

    @BeforeEach
    void openBooks() {
        books = new BankBooks(context);
    }

    @Test
    void severalLinesForOneRemittanceSettleIt() {
        books.remittance("EFT900", PAYER, "100.00", books.today);
        books.receive(books.mt940(books.today, 0, "C40,00NTRFNONREF//A|" + PAYER, "C60,00NTRFNONREF//B|" + PAYER));
        BankMatch match = only();
        assertThat(match.lines()).hasSize(2);
        assertThat(match.records()).hasSize(1);

        books.accept(match.id());

        assertThat(books.settlementState("EFT900")).isEqualTo(SettlementState.SETTLED);
        assertThat(partsOf("EFT900")).containsExactlyInAnyOrder("40.00", "60.00");
        explained(10_000);
    }

    @Test
    void severalLinesForSeveralRemittancesSettleAllOfThemInTheOrderOfDates() {
        severalForSeveral();
        BankMatch match = only();
        assertThat(match.rule()).isEqualTo("payer-sum");

        books.accept(match.id());

        assertThat(books.settlementState("EFT901")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.settlementState("EFT902")).isEqualTo(SettlementState.SETTLED);
        assertThat(partsOf("EFT901")).as("the payment announced first").containsExactlyInAnyOrder("60.00", "10.00");
        assertThat(partsOf("EFT902")).containsExactly("80.00");
        assertThat(shares(match.id()))
                .containsExactlyInAnyOrder(
                        "60.00 of 60.00 to 70.00", "10.00 of 90.00 to 70.00", "80.00 of 90.00 to 80.00");
        assertThat(books.query("select count(*) from billing_settlements", Long.class))
                .as("no settlement of its own for any line")
                .isEqualTo(2);
        explained(15_000);
        Invariants.ofTests().hold();
    }

    @Test
    void oneLineForARemittanceAndADepositSettlesBoth() {
        books.remittance("EFT903", PAYER, "60.00", books.today);
        books.waits(StandardAccount.UNDEPOSITED_CHECKS, "deposit", "D903", "40.00");
        books.receive(books.mt940(books.today, 0, "C100,00NTRFNONREF|Deposit"));

        books.accept(only().id());

        assertThat(books.settlementState("EFT903")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.balanceMinor("1070")).isZero();
        explained(10_000);
    }

    @Test
    void severalLinesForSeveralOutgoingPaymentsClearThem() {
        books.waits(StandardAccount.OUTGOING_PAYMENTS_CLEARING, "ach-batch", "P1", "-70.00");
        books.waits(StandardAccount.OUTGOING_PAYMENTS_CLEARING, "ach-batch", "P2", "-80.00");
        books.receive(books.mt940(books.today, 0, "D60,00NTRFNONREF//A|Payments", "D90,00NTRFNONREF//B|Payments"));
        BankMatch match = only();
        assertThat(match.records()).hasSize(2);

        books.accept(match.id());

        assertThat(books.balanceMinor("1080")).isZero();
        explained(-15_000);
        books.undo(match.id());
        assertThat(books.balanceMinor("1080")).isEqualTo(-15_000);
        assertThat(books.balanceMinor("1090")).isEqualTo(15_000);
    }

    @Test
    void moneyOfAnotherAccountStaysOnThatAccountWhenItIsMatchedAndUndone() {
        books.open("Payroll", "5550001111", "1010");
        books.remittance("EFT904", PAYER, "10.00", books.today);
        books.receive(books.mt940(books.today, 0, "C10,00NTRFNONREF|" + PAYER).replace(BankBooks.NUMBER, "5550001111"));
        UUID match = only().id();

        books.accept(match);

        assertThat(books.balanceMinor("1010")).isEqualTo(1_000);
        assertThat(books.balanceMinor("1000")).isZero();
        assertThat(books.balanceMinor("1050")).isZero();
        books.undo(match);
        assertThat(books.balanceMinor("1010")).isEqualTo(1_000);
        assertThat(books.balanceMinor("1000")).isZero();
        assertThat(books.balanceMinor("1050")).isEqualTo(1_000);
    }

    @Test
    void anAcceptedMatchSaysWhatUndoingItWouldDoAndThenIsUndoneByReversalsOnly() {
        severalForSeveral();
        UUID match = only().id();
        Map<String, Long> before = balances();
        int round = books.settlement("EFT901").round();
        books.accept(match);
        long entries = books.count("accounting_journal_entries");

        var effects = books.hospital.call(() -> books.bean(BankMatches.class).undoEffects(match));
        assertThat(effects.isPossible()).isTrue();
        assertThat(effects.lines()).hasSize(2);
        assertThat(effects.records()).hasSize(2);
        assertThat(effects.entries()).hasSize(4);
        assertThat(effects.total()).isEqualTo(usd("150.00"));

        books.undo(match);

        assertThat(balances()).isEqualTo(before);
        assertThat(books.count("accounting_journal_entries")).isEqualTo(entries + 4);
        assertThat(books.query(
                        "select count(*) from accounting_journal_entries where reverses_entry_id is not null",
                        Long.class))
                .isEqualTo(4);
        assertThat(books.lines()).allMatch(line -> line.state() == BankLine.State.SUSPENSE);
        assertThat(books.settlementState("EFT901")).isEqualTo(SettlementState.WAITING);
        assertThat(books.settlement("EFT901").round())
                .as("its process begins anew")
                .isEqualTo(round + 1);
        assertThat(books.hospital.call(() -> books.bean(BankMatches.class).get(match)))
                .satisfies(undone -> {
                    assertThat(undone.status()).isEqualTo(BankMatch.Status.UNDONE);
                    assertThat(undone.undoing()).isNotNull();
                });
        Invariants.ofTests().hold();
    }

    @Test
    void whatWasUndoneIsNotSuggestedAgainButAPersonMayMatchItByHand() {
        severalForSeveral();
        BankMatch first = only();
        books.accept(first.id());
        books.undo(first.id());

        books.hospital.run(() -> books.bean(BankMatches.class).suggest());
        assertThat(books.suggestions()).isEmpty();

        var selection = new ManualMatches.Selection(
                first.lines().stream().map(BankLine::id).toList(),
                first.records().stream()
                        .map(record -> new ManualMatches.Picked(record.kind(), record.id()))
                        .toList());
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> books.bean(ManualMatches.class).match(selection, "The payer says so after all"));

        assertThat(books.settlementState("EFT902")).isEqualTo(SettlementState.SETTLED);
        explained(15_000);
        Invariants.ofTests().hold();
    }

    @Test
    void afterAMatchWasUndoneTheNextBestIsSuggestedForItsLine() {
        books.waits(StandardAccount.UNDEPOSITED_CHECKS, "deposit", "D920", "60.00");
        books.receive(books.mt940(books.today, 0, "C60,00NTRFNONREF|Deposit"));
        BankMatch first = only();
        books.accept(first.id());
        books.undo(first.id());
        books.waits(StandardAccount.UNDEPOSITED_CHECKS, "deposit", "D921", "60.00");

        books.hospital.run(() -> books.bean(BankMatches.class).suggest());

        BankMatch next = only();
        assertThat(next.records()).doesNotContainAnyElementsOf(first.records());
        assertThat(next.undecided()).isFalse();
        books.accept(next.id());
        assertThat(books.balanceMinor("1070")).isEqualTo(6_000);
        assertThat(books.balanceMinor("1090")).isZero();
    }

    @Test
    void onlyAnAcceptedMatchIsUndoneAndOnlyOnce() {
        severalForSeveral();
        UUID match = only().id();
        refusedToUndo(match, "this match is suggested");
        books.accept(match);
        books.undo(match);

        refusedToUndo(match, "this match is undone");
    }

    @Test
    void aMatchWhoseMoneyTheBankTookBackIsNotUndone() {
        severalForSeveral();
        UUID match = only().id();
        books.accept(match);
        UUID receipt = books.query("select id from billing_bank_receipts limit 1", UUID.class);
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> books.bean(Settlements.class).takeBack(receipt, books.today, "The bank took it back"));

        refusedToUndo(match, "was taken back on its own: The bank took it back");
        assertThat(books.balanceMinor("1090")).isZero();
    }

    @Test
    void aMatchThatSomethingWasBuiltOnIsNotUndone() {
        severalForSeveral();
        UUID match = only().id();
        books.accept(match);
        var keeping = new Keeping(match);
        var beans = ((org.springframework.context.ConfigurableApplicationContext) context).getBeanFactory();
        beans.registerSingleton("keeping", keeping);
        try {
            refusedToUndo(match, "the reconciliation of June is approved");
            assertThat(books.hospital
                            .call(() -> books.bean(BankMatches.class).undoEffects(match))
                            .kept())
                    .isEqualTo("the reconciliation of June is approved");
        } finally {
            ((org.springframework.beans.factory.support.DefaultListableBeanFactory) beans).destroySingleton("keeping");
        }
        books.undo(match);
    }

    @Test
    void aMatchIsNotUndoneWhileTheBooksOfTodayAreClosed() {
        severalForSeveral();
        UUID match = only().id();
        books.accept(match);
        Map<String, Long> before = balances();
        String period = books.query("select max(fiscal_period) from accounting_journal_entries", String.class);
        books.hospital.runAs(Role.CFO, () -> books.bean(FiscalPeriods.class).close(period));

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.undo(match))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.PERIOD_CLOSED));

        assertThat(balances()).isEqualTo(before);
        assertThat(books.settlementState("EFT901")).isEqualTo(SettlementState.SETTLED);
    }

    @Test
    void theEntriesOfAMatchAreNotReversedInTheLedgerAlone() {
        severalForSeveral();
        UUID match = only().id();
        books.accept(match);

        for (UUID entry : books
                .hospital
                .call(() -> books.bean(BankMatches.class).undoEffects(match))
                .entries()
                .stream()
                .map(io.remitflow.ledger.JournalEntry::id)
                .toList()) {
            assertThatExceptionOfType(RuleViolation.class)
                    .isThrownBy(() -> books.hospital.runAs(
                            Role.ACCOUNTING_STAFF,
                            () -> books.bean(Journal.class)
                                    .reverseByHand(entry, books.today, "By mistake", "by-hand:" + entry)))
                    .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.ENTRY_NOT_REVERSIBLE));
        }
    }

    @Test
    void c11_ofFourPeopleWhoUndoTheSameMatchAtOnceOneDoes() throws Exception {
        severalForSeveral();
        Map<String, Long> before = balances();
        UUID match = only().id();
        books.accept(match);

        assertThat(together(List.of(undoing(match), undoing(match), undoing(match), undoing(match))))
                .containsExactlyInAnyOrder("done", "match-not-undoable", "match-not-undoable", "match-not-undoable");

        assertThat(balances()).isEqualTo(before);
        Invariants.ofTests().hold();
    }

    @Test
    void c11_anUndoingAndAMatchByHandOfTheSameRecordsFollowOneAnother() throws Exception {
        severalForSeveral();
        BankMatch match = only();
        books.accept(match.id());
        var selection = new ManualMatches.Selection(
                match.lines().stream().map(BankLine::id).toList(),
                match.records().stream()
                        .map(record -> new ManualMatches.Picked(record.kind(), record.id()))
                        .toList());

        together(List.of(
                undoing(match.id()),
                () -> outcome(() -> books.hospital.runAs(
                        Role.CFO, () -> books.bean(ManualMatches.class).match(selection, "Known from the payer")))));

        assertThat(books.balanceMinor("1090")).isIn(0L, -15_000L);
        assertThat(books.balanceMinor("1050")).isIn(0L, 15_000L);
        assertThat(books.balanceMinor("1000")).isEqualTo(15_000);
        Invariants.ofTests().hold();
    }

    @Test
    void c11_moneyRecordedByHandWhileItsMatchIsAcceptedIsNotBookedTwice() throws Exception {
        books.remittance("EFT910", PAYER, "100.00", books.today);
        books.receive(books.mt940(books.today, 0, "C40,00NTRFNONREF//A|" + PAYER, "C60,00NTRFNONREF//B|" + PAYER));
        UUID match = only().id();

        var outcomes = together(List.of(
                () -> outcome(() -> books.accept(match)),
                () -> outcome(() -> books.hospital.runAs(
                        Role.BILLING_CLERK,
                        () -> books.bean(Settlements.class)
                                .cashSeen(new io.remitflow.remittance.CashEvidence(
                                        io.remitflow.remittance.CashKind.EFT,
                                        null,
                                        "EFT910",
                                        "1987654321",
                                        "",
                                        usd("100.00"),
                                        usd("0.00"),
                                        books.today))))));

        assertThat(outcomes).contains("done");
        if (outcomes.contains("changed-meanwhile")) {
            assertThat(books.balanceMinor("1090")).isEqualTo(-10_000);
            assertThat(books.settlementState("EFT910")).isEqualTo(SettlementState.SETTLED);
        } else {
            assertThat(books.settlementState("EFT910"))
                    .as("the second payment is seen")
                    .isEqualTo(SettlementState.MISMATCHED);
        }
        Invariants.ofTests().hold();
    }

    /** Two lines of 60 and 90 for payments of 70 and 80. */
    private void severalForSeveral() {
        books.remittance("EFT901", PAYER, "70.00", books.today.minusDays(1));
        books.remittance("EFT902", PAYER, "80.00", books.today);
        books.receive(books.mt940(books.today.minusDays(1), 0, "C60,00NTRFNONREF//A|" + PAYER));
        books.receive(books.mt940(books.today, 6_000, "C90,00NTRFNONREF//B|" + PAYER));
    }

    private BankMatch only() {
        assertThat(books.suggestions()).hasSize(1);
        return books.suggestions().getFirst();
    }

    private void explained(long cashMinor) {
        assertThat(books.balanceMinor("1090")).isZero();
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.balanceMinor("1000")).isEqualTo(cashMinor);
        assertThat(books.query(
                        "select count(*) from accounting_clearing_references r join accounting_chart_of_accounts a"
                                + " on a.id = r.account_id where a.account_code = '1090' and r.balance <> 0",
                        Long.class))
                .as("references open in suspense")
                .isZero();
        assertThat(books.lines()).allMatch(line -> line.state() == BankLine.State.MATCHED);
    }

    private List<String> partsOf(String traceNumber) {
        UUID id = books.settlement(traceNumber).id();
        return books.hospital.call(() -> books.bean(Settlements.class).moneyOf(id)).stream()
                .map(CashReceipt.Part::amount)
                .map(amount -> amount.getAmount().toPlainString())
                .toList();
    }

    private List<String> shares(UUID match) {
        return books.hospital.call(() -> books.bean(BankMatches.class).shares(match)).stream()
                .map(share -> "%s of %s to %s"
                        .formatted(
                                share.amount().getAmount(),
                                share.line().amount().getAmount(),
                                share.record().amount().getAmount()))
                .toList();
    }

    private Map<String, Long> balances() {
        return List.of("1000", "1050", "1070", "1080", "1090", "2020").stream()
                .collect(Collectors.toMap(code -> code, books::balanceMinor));
    }

    private void refusedToUndo(UUID match, String why) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.undo(match))
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.MATCH_NOT_UNDOABLE));
    }

    private Callable<String> undoing(UUID match) {
        return () -> outcome(() -> books.undo(match));
    }

    private static String outcome(Runnable work) {
        try {
            work.run();
            return "done";
        } catch (RuleViolation e) {
            return e.code();
        }
    }

    private static List<String> together(List<Callable<String>> work) throws Exception {
        var barrier = new CyclicBarrier(work.size());
        List<Callable<String>> waiting = work.stream()
                .<Callable<String>>map(each -> () -> {
                    barrier.await();
                    return each.call();
                })
                .toList();
        List<String> outcomes = new ArrayList<>();
        try (var pool = Executors.newFixedThreadPool(work.size())) {
            for (var done : pool.invokeAll(waiting)) {
                outcomes.add(done.get());
            }
        }
        return outcomes;
    }

    private static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }

    private record Keeping(UUID match) implements MatchDependents {

        @Override
        public java.util.Optional<String> keeping(
                List<BankLine> lines, List<io.remitflow.ledger.JournalEntry> entries) {
            return lines.stream().anyMatch(line -> match.equals(line.matchId()))
                    ? java.util.Optional.of("the reconciliation of June is approved")
                    : java.util.Optional.empty();
        }
    }
}
