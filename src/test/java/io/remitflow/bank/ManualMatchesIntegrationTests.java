package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.bank.ManualMatches.Picked;
import io.remitflow.bank.ManualMatches.Search;
import io.remitflow.bank.ManualMatches.Selection;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestHospital;
import io.remitflow.remittance.SettlementState;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** What a person matches without the matcher: lines in suspense with records of ours, each other, or an account. */
@BooksTest
class ManualMatchesIntegrationTests {

    @Autowired
    ApplicationContext context;

    BankBooks books;

    @BeforeEach
    void openBooks() {
        books = new BankBooks(context);
    }

    @Test
    void linesAndRecordsWithEqualSumsAreMatchedAndSayByWhomAndWhy() {
        // Weeks apart and without the payer's name: nothing that the matcher would find.
        books.remittance("EFT950", "GREENLEAF HEALTH PLAN", "70.00", books.today.minusDays(40));
        books.remittance("EFT951", "NORTHWIND MUTUAL", "80.00", books.today.minusDays(30));
        books.receive(books.mt940(books.today, 0, "C60,00NTRFNONREF//A|WIRE IN", "C90,00NTRFNONREF//B|WIRE IN"));
        assertThat(books.suggestions()).isEmpty();
        var selection = selection(List.of("60.00", "90.00"), "EFT950", "EFT951");

        var preview = preview(selection);
        assertThat(preview.isPossible()).isTrue();
        assertThat(preview.difference()).isEqualTo(usd("0.00"));
        assertThat(preview.shares()).hasSize(3);
        UUID id = match(selection, "Remittance advice 4711 of both payers");

        assertThat(books.settlementState("EFT950")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.settlementState("EFT951")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.balanceMinor("1090")).isZero();
        assertThat(books.balanceMinor("1000")).isEqualTo(15_000);
        assertThat(books.hospital.call(() -> books.bean(BankMatches.class).get(id)))
                .satisfies(match -> {
                    assertThat(match.rule()).isEqualTo(BankMatch.BY_HAND);
                    assertThat(match.evidence())
                            .contains("2 to 2 with equal sums")
                            .contains("(Accounting Staff)")
                            .contains("evidence given: Remittance advice 4711 of both payers");
                });
        assertThat(match(selection, "Again"))
                .as("the same again is the same match")
                .isEqualTo(id);
        books.undo(id);
        assertThat(books.balanceMinor("1090")).isEqualTo(-15_000);
        Invariants.ofTests().hold();
    }

    @Test
    void oneCentIsTooMuchOfADifference() {
        books.remittance("EFT952", "GREENLEAF HEALTH PLAN", "70.00", books.today.minusDays(40));
        books.receive(books.mt940(books.today, 0, "C69,99NTRFNONREF//A|WIRE IN"));
        var selection = selection(List.of("69.99"), "EFT952");

        assertThat(preview(selection).problem()).contains("they differ by -0.01");
        refused(selection, Refusal.INVALID_INPUT);
        assertThat(books.balanceMinor("1090")).isEqualTo(-6_999);
    }

    /** Books are kept in one currency today; the search does not rely on it. */
    @Test
    void moneyInAnotherCurrencyIsNeitherSuggestedNorMatchedByHandThoughItsNumberIsTheSame() {
        try {
            books.remittance("EFT960", "GREENLEAF HEALTH PLAN", "1250.00", books.today);
            books.query("""
                    with other as (update billing_settlements set currency = 'EUR' where trace_number = 'EFT960' returning id)
                    select count(*) from other
                    """, Long.class);
            books.receive(books.mt940(books.today, 0, "C1250,00NTRFNONREF//A|GREENLEAF HEALTH PLAN"));
            assertThat(books.suggestions()).isEmpty();
            var selection = selection(List.of("1250.00"), "EFT960");

            assertThat(preview(selection).problem()).isEqualTo("all of it has to be in one currency");
            refused(selection, Refusal.INVALID_INPUT);

            books.waits(StandardAccount.CARD_CLEARING, "gateway-payment", "ch_usd", "1250.00");
            books.hospital.run(() -> books.bean(BankMatches.class).suggest());
            assertThat(books.suggestions())
                    .singleElement()
                    .satisfies(match -> assertThat(match.records())
                            .extracting(BankMatch.Record::amount)
                            .containsExactly(usd("1250.00")));
        } finally {
            books.hospital.forget();
        }
    }

    @Test
    void whatIsStillMissingOfAPaymentIsMatchedWithItsRest() {
        books.remittance("EFT953", "GREENLEAF HEALTH PLAN", "100.00", books.today);
        books.receive(books.mt940(books.today, 0, "C70,00NTRFNONREF//A|TRN*1*EFT953*1987654321\\"));
        assertThat(books.settlementState("EFT953")).isEqualTo(SettlementState.MISMATCHED);
        books.receive(books.mt940(books.today, 7_000, "C30,00NTRFNONREF//B|WIRE IN"));
        UUID id = match(selection(List.of("30.00"), "EFT953"), "The payer sent the rest");

        assertThat(books.settlementState("EFT953")).isEqualTo(SettlementState.SETTLED);
        books.undo(id);
        assertThat(books.settlementState("EFT953")).isEqualTo(SettlementState.MISMATCHED);
        assertThat(books.settlement("EFT953").received()).isEqualTo(usd("70.00"));
    }

    @Test
    void aPayoutIsMatchedWithItsChargesAndTheRefundTakenFromThem() {
        books.waits(StandardAccount.CARD_CLEARING, "gateway-payment", "ch_1", "100.00");
        books.waits(StandardAccount.CARD_CLEARING, "gateway-refund", "re_1", "-40.00");
        books.receive(books.mt940(books.today, 0, "C60,00NTRFNONREF//A|PAYOUT"));
        var selection = new Selection(List.of(books.line("60.00").id()), List.of(reference("ch_1"), reference("re_1")));

        UUID id = match(selection, "Payout report");

        assertThat(books.balanceMinor("1060")).isZero();
        assertThat(books.balanceMinor("1090")).isZero();
        books.undo(id);
        assertThat(books.balanceMinor("1060")).isEqualTo(6_000);
    }

    @Test
    void linesThatTakeEachOtherBackAreMatchedWithEachOther() {
        books.receive(
                books.mt940(books.today, 0, "C25,00NTRFNONREF//A|Credit in error", "RC25,00NTRFNONREF//A|Corrected"));
        UUID id = match(
                new Selection(
                        List.of(books.line("25.00").id(), books.line("-25.00").id()), List.of()),
                "The bank says so");

        assertThat(books.lines()).allMatch(line -> line.state() == BankLine.State.MATCHED);
        assertThat(suspenseReferences()).isZero();
        books.undo(id);
        assertThat(suspenseReferences()).isEqualTo(2);
    }

    @Test
    void aFeeIsBookedToItsAccountOnTheDayTheBankTookItAndCanBeTakenBack() {
        books.receive(books.mt940(books.today.minusDays(1), 0, "D3,50NCHGNONREF|Monthly fee"));
        UUID line = books.line("-3.50").id();

        UUID id = book(line, LineUse.BANK_FEE, "Price list of the bank");

        assertThat(books.balanceMinor("8140")).isEqualTo(350);
        assertThat(books.balanceMinor("1090")).isZero();
        assertThat(books.query(
                        "select count(*) from accounting_journal_entries e join accounting_bank_match_entries b"
                                + " on b.journal_entry_id = e.id where e.effective_date = current_date - 1 or e.effective_date = '"
                                + books.today.minusDays(1) + "'",
                        Long.class))
                .isOne();
        assertThat(books.lines().getFirst().evidence()).contains("Fee of the bank (8140");
        assertThat(book(line, LineUse.BANK_FEE, "Again")).isEqualTo(id);
        books.undo(id);
        assertThat(books.balanceMinor("8140")).isZero();
        assertThat(book(line, LineUse.INTEREST_PAID, "It was interest")).isNotEqualTo(id);
        assertThat(books.balanceMinor("9100")).isEqualTo(350);
        Invariants.ofTests().hold();
    }

    @Test
    void aMatchByHandWithdrawsTheSuggestionsAboutTheSame() {
        books.remittance("EFT954", "GREENLEAF HEALTH PLAN", "310.00", books.today);
        books.remittance("EFT955", "NORTHWIND MUTUAL", "310.00", books.today.minusDays(20));
        books.receive(books.mt940(books.today, 0, "C310,00NTRFNONREF|GREENLEAF HEALTH PLAN payment"));
        BankMatch suggestion = books.suggestions().getFirst();
        var selection = selection(List.of("310.00"), "EFT955");
        assertThat(preview(selection).withdrawn()).isOne();

        match(selection, "The name on the line is wrong");

        assertThat(books.hospital
                        .call(() -> books.bean(BankMatches.class).get(suggestion.id()))
                        .status())
                .isEqualTo(BankMatch.Status.LAPSED);
        assertThat(books.settlementState("EFT955")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.settlementState("EFT954")).isNotEqualTo(SettlementState.SETTLED);
    }

    @Test
    void whatIsExplainedAlreadyOrNotInSuspenseIsNotMatchedAgain() {
        books.remittance("EFT956", "GREENLEAF HEALTH PLAN", "50.00", books.today.minusDays(40));
        books.remittance("EFT957", "GREENLEAF HEALTH PLAN", "50.00", books.today.minusDays(40));
        books.receive(books.mt940(books.today, 0, "C50,00NTRFNONREF//A|WIRE IN"));
        match(selection(List.of("50.00"), "EFT956"), "Known");

        refused(selection(List.of("50.00"), "EFT957"), Refusal.CHANGED_MEANWHILE);
        books.receive(books.mt940(books.today, 5_000, "C50,00NTRFNONREF//B|WIRE IN"));
        UUID second = books.lines().getLast().id();
        refused(
                new Selection(
                        List.of(second),
                        List.of(new Picked(
                                "settlement", books.settlement("EFT956").id()))),
                Refusal.CHANGED_MEANWHILE);
    }

    @Test
    void anEmptySelectionAMissingReasonAndAPaymentMixedWithMoneyOutAreRefused() {
        books.remittance("EFT958", "GREENLEAF HEALTH PLAN", "50.00", books.today.minusDays(40));
        books.receive(books.mt940(books.today, 0, "C60,00NTRFNONREF//A|WIRE IN", "D10,00NTRFNONREF//B|WIRE OUT"));

        refused(new Selection(List.of(), List.of()), Refusal.INVALID_INPUT);
        refused(new Selection(List.of(books.line("60.00").id()), List.of()), Refusal.INVALID_INPUT);
        refused(selection(List.of("60.00", "-10.00"), "EFT958"), Refusal.INVALID_INPUT);
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> match(selection(List.of("60.00"), "EFT958"), " "))
                .withMessageContaining("say in 1 to 300 characters");
    }

    @Test
    void e1_linesAndRecordsOfAnotherOrganizationAreNotThere() {
        books.remittance("EFT959", "GREENLEAF HEALTH PLAN", "50.00", books.today.minusDays(40));
        books.receive(books.mt940(books.today, 0, "C50,00NTRFNONREF//A|WIRE IN"));
        var theirs = selection(List.of("50.00"), "EFT959");
        var ours = TestHospital.create(context);

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> ours.runAs(
                        Role.ACCOUNTING_STAFF,
                        () -> books.bean(ManualMatches.class).match(theirs, "Theirs")))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.NOT_FOUND));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> ours.runAs(
                        Role.ACCOUNTING_STAFF,
                        () -> books.bean(ManualMatches.class)
                                .book(theirs.lines().getFirst(), LineUse.OTHER_INCOME, "Theirs")))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.NOT_FOUND));
        assertThat(ours.call(() -> books.bean(ManualMatches.class).lines(Search.ANY, 50)))
                .isEmpty();
        assertThat(ours.call(() -> books.bean(ManualMatches.class).records(Search.ANY, 50)))
                .isEmpty();
    }

    @Test
    void linesAndRecordsAreFoundByAmountNumberPayerAndDate() {
        books.remittance("EFT-960_A", "GREENLEAF HEALTH PLAN", "1250.50", books.today.minusDays(40));
        books.remittance("EFT961", "NORTHWIND 100% MUTUAL", "80.00", books.today.minusDays(1));
        books.waits(StandardAccount.UNDEPOSITED_CHECKS, "deposit", "D960", "40.00");
        books.receive(books.mt940(books.today, 0, "C99,00NTRFREF99//A|WIRE IN", "D7,25NTRFNONREF//B|ODD THING"));
        var matching = books.bean(ManualMatches.class);

        assertThat(books.hospital.call(() -> matching.records(search("1,250.50"), 50)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.records(search("greenleaf"), 50)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.records(search("960_a"), 50)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.records(search("100%"), 50)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.records(search("D960"), 50)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.records(search("_"), 50)))
                .as("no wildcard")
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.records(Search.ANY, 50))).hasSize(3);
        assertThat(books.hospital.call(
                        () -> matching.records(new Search(null, books.today.minusDays(2), books.today, null), 50)))
                .hasSizeBetween(2, 3);
        assertThat(books.hospital.call(() -> matching.lines(search("7.25"), 50)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.lines(search("ref99"), 50)))
                .hasSize(1);
        assertThat(books.hospital.call(() -> matching.lines(new Search(null, null, null, books.account), 50)))
                .hasSize(2);
        assertThat(books.hospital.call(() -> matching.lines(new Search(null, null, null, UUID.randomUUID()), 50)))
                .isEmpty();
    }

    @Test
    void c11_ofTwoPeopleWhoMatchTheSameRecordAtOnceOneDoes() throws Exception {
        books.remittance("EFT970", "GREENLEAF HEALTH PLAN", "50.00", books.today.minusDays(40));
        books.receive(books.mt940(books.today, 0, "C50,00NTRFNONREF//A|WIRE IN", "C50,00NTRFNONREF//B|WIRE IN"));
        var record = new Picked("settlement", books.settlement("EFT970").id());
        var lines = books.lines();
        var barrier = new CyclicBarrier(2);
        List<Callable<String>> people = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Role role = i == 0 ? Role.ACCOUNTING_STAFF : Role.CFO;
            var selection = new Selection(List.of(lines.get(i).id()), List.of(record));
            books.hospital.user(role);
            people.add(() -> {
                barrier.await();
                try {
                    books.hospital.runAs(
                            role, () -> books.bean(ManualMatches.class).match(selection, "I know it"));
                    return "done";
                } catch (RuleViolation e) {
                    return e.code();
                }
            });
        }

        List<String> outcomes = new ArrayList<>();
        try (var pool = Executors.newFixedThreadPool(2)) {
            for (var done : pool.invokeAll(people)) {
                outcomes.add(done.get());
            }
        }

        assertThat(outcomes).containsExactlyInAnyOrder("done", "changed-meanwhile");
        assertThat(books.settlementState("EFT970")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.balanceMinor("1090")).isEqualTo(-5_000);
        Invariants.ofTests().hold();
    }

    private Selection selection(List<String> amounts, String... traceNumbers) {
        List<Picked> records = new ArrayList<>();
        for (String trace : traceNumbers) {
            records.add(new Picked("settlement", books.settlement(trace).id()));
        }
        return new Selection(
                amounts.stream().map(amount -> books.line(amount).id()).toList(), records);
    }

    private Picked reference(String value) {
        return new Picked(
                "reference",
                books.query(
                        "select id from accounting_clearing_references where reference_value = '%s'".formatted(value),
                        UUID.class));
    }

    private ManualMatches.Preview preview(Selection selection) {
        return books.hospital.call(() -> books.bean(ManualMatches.class).preview(selection));
    }

    private UUID match(Selection selection, String reason) {
        var id = new AtomicReference<>(new UUID(0, 0));
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> id.set(books.bean(ManualMatches.class).match(selection, reason)));
        return id.get();
    }

    private UUID book(UUID line, LineUse use, String reason) {
        var id = new AtomicReference<>(new UUID(0, 0));
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> id.set(books.bean(ManualMatches.class).book(line, use, reason)));
        return id.get();
    }

    private void refused(Selection selection, Refusal refusal) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> match(selection, "I know it"))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }

    private long suspenseReferences() {
        return books.query(
                "select count(*) from accounting_clearing_references r join accounting_chart_of_accounts a"
                        + " on a.id = r.account_id where a.account_code = '1090' and r.balance <> 0",
                Long.class);
    }

    private static Search search(String text) {
        return new Search(text, null, null, null);
    }

    private static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }
}
