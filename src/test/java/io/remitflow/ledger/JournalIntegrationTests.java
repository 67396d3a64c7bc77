package io.remitflow.ledger;

import static io.remitflow.ledger.StandardAccount.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class JournalIntegrationTests {

    static final ClearingReference TRN = new ClearingReference("trn", "12345");

    @Autowired
    ApplicationContext context;

    @Autowired
    Journal journal;

    @Autowired
    Clearing clearing;

    @Autowired
    ChartOfAccounts chart;

    @Autowired
    FiscalPeriods periods;

    @Autowired
    TrialBalances trialBalances;

    @Autowired
    LedgerCheck check;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    TestHospital hospital;
    LocalDate today;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        today = TestHospital.today();
    }

    @Test
    void aNewOrganizationHasTheStandardChartAndOpenPeriods() {
        hospital.run(() -> {
            assertThat(chart.all()).hasSize(StandardAccount.values().length).allMatch(Account::system);
            assertThat(periods.all()).hasSize(36).allMatch(FiscalPeriod::open);
        });
    }

    @Test
    void postsLinesBalancesAndClearing() {
        hospital.runAs(Role.ACCOUNTING_STAFF, () -> {
            var posted = journal.post(remittance("r1", "80.00"));

            var entry = journal.find(posted.id()).orElseThrow();
            assertThat(entry.number()).isEqualTo("JE-%d-000001".formatted(today.getYear()));
            assertThat(entry.total()).isEqualTo(usd("100.00"));
            assertThat(entry.postedBy()).isEqualTo(hospital.user(Role.ACCOUNTING_STAFF));
            assertThat(entry.lines())
                    .extracting(JournalEntry.Line::accountCode, JournalEntry.Line::debit, JournalEntry.Line::credit)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("1050", usd("80.00"), usd("0.00")),
                            org.assertj.core.groups.Tuple.tuple("4900", usd("20.00"), usd("0.00")),
                            org.assertj.core.groups.Tuple.tuple("1110", usd("0.00"), usd("100.00")));
            assertThat(chart.get(REMITTANCE_CLEARING).balance()).isEqualTo(usd("80.00"));
            assertThat(chart.get(AR_INSURANCE).balance()).isEqualTo(usd("-100.00"));
            assertThat(chart.get(CONTRACTUAL_ADJUSTMENTS).balance()).isEqualTo(usd("20.00"));
            assertThat(clearing.balance(REMITTANCE_CLEARING, TRN)).isEqualTo(usd("80.00"));
            assertThat(check.differences()).isEmpty();
        });
    }

    @Test
    void m1_aReferenceIsSettledExactlyWhenBothSidesArePosted() {
        hospital.run(() -> {
            journal.post(remittance("r1", "80.00"));
            assertThat(clearing.open()).extracting(OpenReference::reference).containsExactly(TRN);

            journal.post(NewEntry.on(today, "bank", "bank-line:1", "Deposit")
                    .debit(CASH_OPERATING, usd("80.00"))
                    .credit(REMITTANCE_CLEARING, usd("80.00"), TRN)
                    .build());

            assertThat(clearing.open()).isEmpty();
            assertThat(clearing.balance(REMITTANCE_CLEARING, TRN)).isEqualTo(usd("0.00"));
        });
    }

    @Test
    void oneEntryMayTouchTheSameAccountAndReferenceOnManyLines() {
        hospital.run(() -> {
            var builder = NewEntry.on(today, "test", "many", "Many lines");
            for (int i = 0; i < 1000; i++) {
                builder.debit(REMITTANCE_CLEARING, usd("0.03"), TRN).credit(AR_INSURANCE, usd("0.03"));
            }
            journal.post(builder.build());

            assertThat(clearing.balance(REMITTANCE_CLEARING, TRN)).isEqualTo(usd("30.00"));
            assertThat(check.differences()).isEmpty();
        });
    }

    @Test
    void manyEntriesAtOnceAreEachPostedOnceWithNumbersInTheirOrder() {
        hospital.run(() -> {
            var before = journal.post(remittance("r2", "70.00"));

            var posted = journal.postAll(
                    List.of(remittance("r1", "80.00"), remittance("r2", "70.00"), remittance("r3", "60.00")));
            var again = journal.postAll(
                    List.of(remittance("r1", "80.00"), remittance("r2", "70.00"), remittance("r3", "60.00")));

            assertThat(posted.get(1).id()).isEqualTo(before.id());
            assertThat(posted).extracting(PostedEntry::alreadyPosted).containsExactly(false, true, false);
            assertThat(posted)
                    .extracting(PostedEntry::number)
                    .containsExactly(
                            "JE-%d-000002".formatted(today.getYear()),
                            "JE-%d-000001".formatted(today.getYear()),
                            "JE-%d-000003".formatted(today.getYear()));
            assertThat(again)
                    .extracting(PostedEntry::id)
                    .isEqualTo(posted.stream().map(PostedEntry::id).toList());
            assertThat(again).allMatch(PostedEntry::alreadyPosted);
            assertThat(journal.find(posted.get(2).id()).orElseThrow().lines())
                    .extracting(JournalEntry.Line::accountCode)
                    .containsExactly("1050", "4900", "1110");
            assertThat(chart.get(REMITTANCE_CLEARING).balance()).isEqualTo(usd("210.00"));
            assertThat(clearing.balance(REMITTANCE_CLEARING, TRN)).isEqualTo(usd("210.00"));
            assertThat(check.differences()).isEmpty();
        });
    }

    @Test
    void ofManyEntriesAtOnceAllArePostedOrNone() {
        hospital.run(() -> {
            journal.post(remittance("r1", "80.00"));

            assertThatExceptionOfType(RuleViolation.class)
                    .isThrownBy(() -> journal.postAll(List.of(remittance("r2", "70.00"), remittance("r1", "81.00"))))
                    .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.IDEMPOTENCY_KEY_REUSED));

            assertThat(chart.get(REMITTANCE_CLEARING).balance()).isEqualTo(usd("80.00"));
            assertThat(journal.post(remittance("r3", "10.00")).number()).endsWith("-000002");
        });
    }

    @Test
    void theSameKeyIsPostedOnce() {
        hospital.run(() -> {
            var first = journal.post(remittance("r1", "80.00"));
            var second = journal.post(remittance("r1", "80.00"));

            assertThat(second).isEqualTo(new PostedEntry(first.id(), first.number(), true));
            assertThat(chart.get(REMITTANCE_CLEARING).balance()).isEqualTo(usd("80.00"));
            assertThat(refusalOf(() -> journal.post(remittance("r1", "70.00"))))
                    .isEqualTo(Refusal.IDEMPOTENCY_KEY_REUSED);
        });
    }

    @Test
    void anotherOrganizationMayUseTheSameKeyAndSeesNothing() {
        var mine = hospital.call(() -> journal.post(remittance("r1", "80.00")));
        var other = TestHospital.create(context);

        other.run(() -> {
            assertThat(journal.find(mine.id())).isEmpty();
            assertThat(clearing.open()).isEmpty();
            assertThat(journal.post(remittance("r1", "70.00")).alreadyPosted()).isFalse();
            assertThat(refusalOf(() -> journal.reverse(mine.id(), today, "not mine", "x")))
                    .isEqualTo(Refusal.NOT_FOUND);
        });
    }

    @Test
    void refusesUnknownInactiveForeignCurrencyAndClearingWithoutReference() {
        hospital.run(() -> {
            assertThat(refusalOf(() -> journal.post(simple("k1", "1000", "7777", "1.00"))))
                    .isEqualTo(Refusal.INVALID_INPUT);
            assertThat(refusalOf(() -> journal.post(simple("k2", "1050", "4000", "1.00"))))
                    .isEqualTo(Refusal.INVALID_INPUT);
            assertThat(refusalOf(() -> journal.post(NewEntry.on(today, "test", "k3", "Euros")
                            .debit(CASH_OPERATING, Money.parse("EUR 1.00"))
                            .credit(REVENUE_INPATIENT, Money.parse("EUR 1.00"))
                            .build())))
                    .isEqualTo(Refusal.INVALID_INPUT);

            var parking = chart.create(new NewAccount("4290", "Parking", AccountType.REVENUE, null, null, null, null));
            journal.post(simple("k4", "1000", "4290", "1.00"));
            chart.update(parking, new AccountChange("Parking", null, null, null, false));
            assertThat(refusalOf(() -> journal.post(simple("k5", "1000", "4290", "1.00"))))
                    .isEqualTo(Refusal.ACCOUNT_INACTIVE);
        });
    }

    @Test
    void g6_keepsCurrenciesWithoutAndWithThreeDecimals() {
        hospital.run(() -> {
            for (String code : List.of("JPY", "KWD")) {
                var currency = CurrencyUnit.of(code);
                chart.create(new NewAccount("1-" + code, code, AccountType.ASSET, null, null, null, currency));
                chart.create(new NewAccount("4-" + code, code, AccountType.REVENUE, null, null, null, currency));
                var amount = Money.ofMinor(currency, NewEntry.MAX_AMOUNT_MINOR);
                journal.post(NewEntry.on(today, "test", code, code)
                        .debit("1-" + code, amount, null)
                        .credit("4-" + code, amount, null)
                        .build());
                assertThat(chart.byCode("1-" + code).orElseThrow().balance()).isEqualTo(amount);
            }
            assertThat(check.differences()).isEmpty();
        });
    }

    @Test
    void reversesOnceLinkedBothWays() {
        hospital.run(() -> {
            var posted = journal.post(remittance("r1", "80.00"));

            var reversal = journal.reverse(posted.id(), today, "Paid in error", "undo:r1");

            assertThat(journal.find(posted.id()).orElseThrow().reversedByEntryId())
                    .isEqualTo(reversal.id());
            var entry = journal.find(reversal.id()).orElseThrow();
            assertThat(entry.reversesEntryId()).isEqualTo(posted.id());
            assertThat(entry.reversalReason()).isEqualTo("Paid in error");
            assertThat(entry.type()).isEqualTo(EntryType.REVERSING);
            assertThat(chart.all()).allMatch(account -> account.balance().isZero());
            assertThat(clearing.open()).isEmpty();
            assertThat(journal.reverse(posted.id(), today, "Paid in error", "undo:r1"))
                    .isEqualTo(new PostedEntry(reversal.id(), reversal.number(), true));
        });
    }

    @Test
    void g7_refusesASecondReversalAndTheReversalOfAReversal() {
        hospital.run(() -> {
            var posted = journal.post(remittance("r1", "80.00"));
            var reversal = journal.reverse(posted.id(), today, "Paid in error", "undo:r1");

            assertThat(refusalOf(() -> journal.reverse(posted.id(), today, "again", "undo2:r1")))
                    .isEqualTo(Refusal.ENTRY_ALREADY_REVERSED);
            assertThat(refusalOf(() -> journal.reverse(reversal.id(), today, "undo undo", "undo3:r1")))
                    .isEqualTo(Refusal.ENTRY_NOT_REVERSIBLE);
            assertThat(nextNumber()).as("no number was lost").endsWith("-000003");
        });
    }

    @Test
    void g7_ofManyReversalsAtOnceOneWins() throws Exception {
        var posted = hospital.call(() -> journal.post(remittance("r1", "80.00")));
        var outcomes = atOnce(
                8,
                i -> hospital.call(() -> {
                    try {
                        return journal.reverse(posted.id(), today, "race", "undo" + i)
                                .number();
                    } catch (RuleViolation e) {
                        return e.code();
                    }
                }));

        assertThat(outcomes).filteredOn("entry-already-reversed"::equals).hasSize(7);
        hospital.run(() -> {
            assertThat(nextNumber()).endsWith("-000003");
            assertThat(chart.get(REMITTANCE_CLEARING).balance()).isEqualTo(usd("0.00"));
        });
    }

    @Test
    void g7_aReversalAfterTheCloseIsDatedInAnOpenPeriod() {
        hospital.run(() -> {
            var lastMonth = today.minusMonths(1).withDayOfMonth(15);
            var posted = journal.post(remittance("r1", "80.00", lastMonth));
            periods.close(lastMonth.toString().substring(0, 7));

            assertThat(refusalOf(() -> journal.reverse(posted.id(), lastMonth, "late", "undo:r1")))
                    .isEqualTo(Refusal.PERIOD_CLOSED);
            var reversal = journal.reverse(posted.id(), today, "late", "undo:r1");
            assertThat(journal.find(reversal.id()).orElseThrow().date()).isEqualTo(today);
        });
    }

    @Test
    void g7_whatIsTakenBackGoesToTheNextOpenPeriodAndNeverBeforeItsEntry() {
        hospital.run(() -> {
            var posted = journal.post(remittance("r1", "80.00"));
            periods.close(today.toString().substring(0, 7));
            var firstOfNextMonth = today.plusMonths(1).withDayOfMonth(1);
            var moved = journal.post(NewEntry.on(today, "refunds", "moved", "Posted into the next month")
                    .debit(AR_PATIENTS, usd("1.00"))
                    .credit(PETTY_CASH, usd("1.00"))
                    .inOpenPeriod()
                    .build());
            assertThat(journal.find(moved.id()).orElseThrow().date()).isEqualTo(firstOfNextMonth);

            var back = journal.takeBack(posted.id(), "It came back", "back:r1");
            var movedBack = journal.takeBack(moved.id(), "It came back", "back:moved");

            var reversal = journal.find(back.id()).orElseThrow();
            assertThat(reversal.date()).isEqualTo(firstOfNextMonth);
            assertThat(reversal.effectiveDate()).isEqualTo(today);
            assertThat(reversal.reversesEntryId()).isEqualTo(posted.id());
            assertThat(journal.find(movedBack.id()).orElseThrow().date()).isEqualTo(firstOfNextMonth);
            assertThat(chart.all()).allMatch(account -> account.balance().isZero());
            assertThat(journal.takeBack(posted.id(), "It came back", "back:r1"))
                    .isEqualTo(new PostedEntry(back.id(), back.number(), true));
            assertThat(refusalOf(() -> journal.takeBack(moved.id(), "again", "back:again")))
                    .isEqualTo(Refusal.ENTRY_ALREADY_REVERSED);
        });
    }

    @Test
    void aClosedPeriodRefusesUnlessTheEntryMayMoveToTheNextOpenOne() {
        hospital.run(() -> {
            var twoMonthsAgo = today.minusMonths(2).withDayOfMonth(15);
            periods.close(twoMonthsAgo.toString().substring(0, 7));
            assertThat(refusalOf(() -> journal.post(remittance("r1", "80.00", twoMonthsAgo))))
                    .isEqualTo(Refusal.PERIOD_CLOSED);

            var late = journal.post(NewEntry.on(twoMonthsAgo, "remittance", "late", "Late remittance")
                    .debit(REMITTANCE_CLEARING, usd("1.00"), TRN)
                    .credit(AR_INSURANCE, usd("1.00"))
                    .inOpenPeriod()
                    .build());

            var entry = journal.find(late.id()).orElseThrow();
            assertThat(entry.date()).isEqualTo(twoMonthsAgo.plusMonths(1).withDayOfMonth(1));
            assertThat(entry.effectiveDate()).isEqualTo(twoMonthsAgo);

            periods.reopen(twoMonthsAgo.toString().substring(0, 7), "Payer sent a correction");
            journal.post(remittance("r1", "80.00", twoMonthsAgo));
            assertThat(refusalOf(() -> journal.post(remittance("far", "80.00", today.plusYears(5)))))
                    .isEqualTo(Refusal.PERIOD_CLOSED);
        });
    }

    @Test
    void numbersHaveNoGapsWhateverFailsAndWhoeverComesAtOnce() throws Exception {
        atOnce(
                8,
                i -> hospital.call(() -> {
                    for (int n = 0; n < 20; n++) {
                        String key = "entry:" + i + ":" + n;
                        try {
                            transactions.executeWithoutResult(transaction -> {
                                journal.post(simple(key, "1000", "4000", "1.00"));
                                if (key.hashCode() % 3 == 0) {
                                    transaction.setRollbackOnly();
                                }
                            });
                            journal.post(simple("shared:" + n, "1000", "4000", "1.00"));
                        } catch (RuleViolation e) {
                            throw new AssertionError(e);
                        }
                    }
                    return "";
                }));

        hospital.run(() -> {
            var numbers = transactions.execute(
                    transaction -> jdbc.sql("select entry_number from accounting_journal_entries order by entry_number")
                            .query(String.class)
                            .list());
            assertThat(numbers)
                    .isEqualTo(IntStream.rangeClosed(1, numbers == null ? 0 : numbers.size())
                            .mapToObj(n -> "JE-%d-%06d".formatted(today.getYear(), n))
                            .toList());
            assertThat(check.differences()).isEmpty();
        });
    }

    @Test
    void c9_sixteenThreadsAndABatchOnOneHotAccountNeitherLockUpNorLoseAnything() throws Exception {
        var accounts = List.of("1000", "1010", "1020", "4000", "4010", "4020");
        atOnce(
                16,
                i -> hospital.call(() -> {
                    var random = new Random(i);
                    for (int n = 0; n < 10; n++) {
                        var debit = accounts.get(random.nextInt(3));
                        var credit = accounts.get(3 + random.nextInt(3));
                        journal.post(
                                random.nextBoolean()
                                        ? simple("e" + i + ":" + n, debit, credit, "1.00")
                                        : simple("e" + i + ":" + n, credit, debit, "1.00"));
                    }
                    if (i == 0) {
                        transactions.executeWithoutResult(transaction -> IntStream.range(0, 50)
                                .forEach(n -> journal.post(simple("batch" + n, "4000", accounts.get(n % 3), "1.00"))));
                    }
                    return "";
                }));

        hospital.run(() -> {
            assertThat(count("accounting_journal_entries")).isEqualTo(16 * 10 + 50);
            assertThat(check.differences()).isEmpty();
        });
    }

    @Test
    void c10_anEntryIsInBeforeTheCloseOrRefused() throws Exception {
        String period = today.toString().substring(0, 7);
        for (int round = 0; round < 10; round++) {
            int current = round;
            var closedAt = new ArrayList<Long>();
            var outcomes = atOnce(
                    6,
                    i -> hospital.call(() -> {
                        if (i == 3) {
                            periods.close(period);
                            closedAt.add(count("accounting_journal_entries"));
                            return "closed";
                        }
                        try {
                            journal.post(simple("c10:" + current + ":" + i, "1000", "4000", "1.00"));
                            return "posted";
                        } catch (RuleViolation e) {
                            return e.code();
                        }
                    }));

            assertThat(outcomes).isSubsetOf("closed", "posted", "period-closed");
            hospital.run(() -> {
                assertThat(count("accounting_journal_entries")).isEqualTo(closedAt.getFirst());
                periods.reopen(period, "next round");
            });
        }
    }

    @Test
    void m5_postAndReverseLeaveEveryAccountAndReferenceAtZero() {
        var accounts = List.of(StandardAccount.values());
        for (long seed = 1; seed <= 20; seed++) {
            var random = new Random(seed);
            String key = "seed" + seed;
            hospital.run(() -> {
                var builder = NewEntry.on(today, "test", key, "Random");
                long total = 0;
                for (int line = 1 + random.nextInt(6); line > 0; line--) {
                    long amount = 1 + random.nextInt(1_000_000);
                    total += amount;
                    builder.debit(
                            accounts.get(random.nextInt(accounts.size())),
                            Money.ofMinor(CurrencyUnit.USD, amount),
                            new ClearingReference("trn", "t" + random.nextInt(3)));
                }
                builder.credit(
                        accounts.get(random.nextInt(accounts.size())),
                        Money.ofMinor(CurrencyUnit.USD, total),
                        new ClearingReference("trn", "t" + random.nextInt(3)));
                var posted = journal.post(builder.build());
                journal.reverse(posted.id(), today, "property", "undo:" + key);

                assertThat(chart.all())
                        .as("seed %s", key)
                        .allMatch(account -> account.balance().isZero());
                assertThat(clearing.open()).as("seed %s", key).isEmpty();
                assertThat(check.differences()).as("seed %s", key).isEmpty();
            });
        }
    }

    @Test
    void m8_theTrialBalanceIsZeroAndKnowsDates() {
        hospital.run(() -> {
            journal.post(remittance("r1", "80.00", today.minusDays(40)));
            journal.post(simple("k", "1000", "4000", "5.00"));

            var then = trialBalances.asOf(today.minusDays(1));
            var now = trialBalances.asOf(today);

            assertThat(then.rows()).extracting(TrialBalance.Row::accountCode).containsExactly("1050", "1110", "4900");
            assertThat(now.totals()).singleElement().satisfies(total -> {
                assertThat(total.debit()).isEqualTo(usd("105.00"));
                assertThat(total.credit()).isEqualTo(usd("105.00"));
            });
        });
    }

    @Test
    void g8_findsACacheThatWasTamperedWith() {
        hospital.run(() -> {
            journal.post(remittance("r1", "80.00"));
            transactions.executeWithoutResult(transaction -> {
                jdbc.sql("update accounting_chart_of_accounts set current_balance = 1 where account_code = '1000'")
                        .update();
                jdbc.sql("update accounting_clearing_references set balance = balance + 5")
                        .update();
            });

            assertThat(check.differences())
                    .extracting(LedgerCheck.Difference::what)
                    .containsExactlyInAnyOrder("account 1000", "clearing reference trn 12345 of account 1050");
        });
        hospital.forget();
    }

    NewEntry remittance(String key, String paid) {
        return remittance(key, paid, today);
    }

    static NewEntry remittance(String key, String paid, LocalDate date) {
        return NewEntry.on(date, "remittance", "remittance:" + key, "Remittance 12345")
                .debit(REMITTANCE_CLEARING, usd(paid), TRN)
                .debit(CONTRACTUAL_ADJUSTMENTS, usd("100.00").minus(usd(paid)))
                .credit(AR_INSURANCE, usd("100.00"))
                .reference("remittance", UUID.randomUUID())
                .build();
    }

    NewEntry simple(String key, String debit, String credit, String amount) {
        return NewEntry.on(today, "test", key, "Test")
                .debit(debit, usd(amount), null)
                .credit(credit, usd(amount), null)
                .build();
    }

    static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }

    String nextNumber() {
        return journal.post(simple("next:" + UUID.randomUUID(), "1000", "4000", "1.00"))
                .number();
    }

    long count(String table) {
        Long count = transactions.execute(transaction ->
                jdbc.sql("select count(*) from " + table).query(Long.class).single());
        return count == null ? 0 : count;
    }

    static Refusal refusalOf(Runnable work) {
        var refused = new ArrayList<Refusal>();
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(work::run).satisfies(e -> refused.add(e.refusal()));
        return refused.getFirst();
    }

    static List<String> atOnce(int threads, java.util.function.IntFunction<String> work) throws Exception {
        try (var pool = Executors.newFixedThreadPool(threads)) {
            var calls = IntStream.range(0, threads)
                    .mapToObj(i -> (Callable<String>) () -> work.apply(i))
                    .toList();
            var outcomes = new ArrayList<String>();
            for (Future<String> outcome : pool.invokeAll(calls)) {
                outcomes.add(outcome.get());
            }
            return outcomes;
        }
    }
}
