package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFile;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.refunds.AchReturns;
import io.remitflow.remittance.CashEvidence;
import io.remitflow.remittance.CashKind;
import io.remitflow.remittance.SettlementState;
import io.remitflow.remittance.Settlements;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.stream.IntStream;
import org.joda.money.Money;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What each line does in the books, and what people do with those that nothing explains. */
@BooksTest
class BankClearingIntegrationTests {

    @Autowired
    ApplicationContext context;

    BankBooks books;

    @BeforeEach
    void openBooks() {
        books = new BankBooks(context);
    }

    @Test
    void aLineWithATraceNumberSettlesItsRemittance() {
        books.remittance("EFT700", "GREENLEAF HEALTH PLAN", "480.50", books.today);

        books.receive(books.mt940(
                books.today,
                0,
                "C480,50NTRFNONREF//B1|GREENLEAF DES:HCCLAIMPMT ID:1 CCD PMT INFO:TRN*1*EFT700*1987654321\\"));

        assertThat(books.settlementState("EFT700")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.lines().getFirst().state()).isEqualTo(BankLine.State.REMITTANCE);
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.balanceMinor("1000")).isEqualTo(48_050);
        assertThat(books.balanceMinor("1090")).isZero();
    }

    @Test
    void aLineIsFoundByItsNumberAndAmountAndLeadsToItsReceiptAndItsFile() {
        books.remittance("EFT710", "GREENLEAF HEALTH PLAN", "71.25", books.today);
        books.receive(books.mt940(books.today, 0, "C71,25NTRFNONREF//B1|TRN*1*EFT710*1987654321\\"));
        var trail = books.bean(BankMoneyTrail.class);
        var transactions = books.bean(TransactionTemplate.class);

        books.hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            assertThat(trail.find(new MoneySearch("EFT710", null), 5).total()).isEqualTo(1);
            var found = trail.find(new MoneySearch("71.25", usd("71.25")), 5);
            assertThat(found.total()).isEqualTo(1);
            MoneyNode line = trail.nodes(found.ids()).getFirst();
            assertThat(line.state()).isEqualTo(MoneyState.SETTLED);
            assertThat(line.next()).hasSize(2);
            assertThat(trail.nodes(line.next())).extracting(MoneyNode::id).containsExactly(line.id());
        }));
    }

    @Test
    void theBankConfirmsWhatAPersonHadRecordedAndBooksItOnce() {
        books.remittance("EFT701", "GREENLEAF HEALTH PLAN", "480.50", books.today);
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> books.bean(Settlements.class)
                        .cashSeen(new CashEvidence(
                                CashKind.EFT,
                                null,
                                "EFT701",
                                "1987654321",
                                "",
                                usd("480.50"),
                                usd("0.00"),
                                books.today)));

        books.receive(books.mt940(books.today, 0, "C480,50NTRFNONREF//B1|TRN*1*EFT701*1987654321\\"));

        assertThat(books.settlementState("EFT701")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.balanceMinor("1000")).isEqualTo(48_050);
    }

    @Test
    void aTraceNumberWithAnotherAmountIsAMismatchForAPersonNeverATolerance() {
        books.remittance("EFT702", "GREENLEAF HEALTH PLAN", "480.50", books.today);

        books.receive(books.mt940(books.today, 0, "C480,49NTRFNONREF//B1|TRN*1*EFT702*1987654321\\"));

        assertThat(books.settlementState("EFT702")).isEqualTo(SettlementState.MISMATCHED);
    }

    @Test
    void moneyThatArrivesOnAnotherAccountIsOnThatAccountOfTheLedger() {
        books.open("Payroll", "5550001111", "1010");
        books.remittance("EFT703", "GREENLEAF HEALTH PLAN", "10.00", books.today);

        books.receive(books.mt940(books.today, 0, "C10,00NTRFNONREF|TRN*1*EFT703*1987654321\\")
                .replace(BankBooks.NUMBER, "5550001111"));

        assertThat(books.balanceMinor("1010")).isEqualTo(1_000);
        assertThat(books.balanceMinor("1000")).isZero();
        assertThat(books.balanceMinor("1050")).isZero();
    }

    @Test
    void whatTheBankTakesBackReopensTheSettlement() {
        books.remittance("EFT704", "GREENLEAF HEALTH PLAN", "10.00", books.today);
        books.receive(books.mt940(books.today, 0, "C10,00NTRFNONREF|TRN*1*EFT704*1987654321\\"));

        books.receive(books.mt940(books.today, 1_000, "RC10,00NTRFNONREF|TRN*1*EFT704*1987654321\\"));

        assertThat(books.settlementState("EFT704")).isNotEqualTo(SettlementState.SETTLED);
        assertThat(books.lines().getLast().state()).isEqualTo(BankLine.State.TAKEN_BACK);
        assertThat(books.balanceMinor("1000")).isZero();
    }

    @Test
    void payerMoneyWithoutTraceNumberWaitsForItsRemittanceNotInSuspense() {
        books.receive(books.mt940(books.today, 0, "C10,00NTRFNONREF|GREENLEAF HEALTH PLAN HCCLAIMPMT"));

        assertThat(books.lines().getFirst().state()).isEqualTo(BankLine.State.REMITTANCE);
        assertThat(books.balanceMinor("1090")).isZero();
        assertThat(books.balanceMinor("1050")).isEqualTo(-1_000);
    }

    @Test
    void aLineThatCarriesAReferenceInItsAmountIsCleared() {
        books.waits(StandardAccount.CARD_CLEARING, "gateway-payment", "FT26001234567", "75.00");
        books.waits(StandardAccount.OUTGOING_PAYMENTS_CLEARING, "ach-batch", "ACH-2026-000007", "-40.00");

        books.receive(books.mt940(
                books.today, 0, "C75,00NTRFNONREF//FT26001234567|SEPAY", "D40,00NTRFNONREF|CCD ACH2026000007 REFUNDS"));

        assertThat(books.lines()).allMatch(line -> line.state() == BankLine.State.CLEARED);
        assertThat(books.balanceMinor("1060")).isZero();
        assertThat(books.balanceMinor("1080")).isZero();
        assertThat(books.balanceMinor("1000")).isEqualTo(3_500);
    }

    @Test
    void twoLinesWithOneReferenceAreBothForAPerson() {
        books.waits(StandardAccount.CARD_CLEARING, "gateway-payment", "FT26001234567", "75.00");

        books.receive(
                books.mt940(books.today, 0, "C75,00NTRFNONREF//FT26001234567|A", "C75,00NTRFNONREF//FT26001234567|B"));

        assertThat(books.balanceMinor("1090")).isEqualTo(-15_000);
        assertThat(books.suggestions()).singleElement().satisfies(match -> {
            assertThat(match.undecided()).isTrue();
            assertThat(match.evidence()).contains("2 choices are equally good, undecided");
        });
    }

    @Test
    void aSuggestionIsBookedOnlyWhenAPersonAcceptsItAndOnce() {
        books.remittance("EFT705", "GREENLEAF HEALTH PLAN", "310.00", books.today);
        books.receive(books.mt940(books.today, 0, "C310,00NTRFNONREF|GREENLEAF HEALTH PLAN payment"));

        BankMatch match = books.suggestions().getFirst();
        assertThat(match.rule()).isEqualTo("payer-amount");
        assertThat(match.evidence()).contains("GREENLEAF HEALTH PLAN").contains("nothing else fits");
        assertThat(books.balanceMinor("1090")).isEqualTo(-31_000);
        assertThat(books.settlementState("EFT705")).isNotEqualTo(SettlementState.SETTLED);

        accept(match.id(), 0);
        accept(match.id(), 0);

        assertThat(books.settlementState("EFT705")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.balanceMinor("1090")).isZero();
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.balanceMinor("1000")).isEqualTo(31_000);
        assertThat(books.lines().getFirst().state()).isEqualTo(BankLine.State.MATCHED);
        assertThat(books.suggestions()).isEmpty();
    }

    @Test
    void aPayerIsKnownByTheBeginningOfItsNameAndByWhatABankCalledItBefore() {
        books.remittance("EFT731", "GREENLEAF HEALTH PLAN", "310.00", books.today);
        books.remittance("EFT732", "GREENLEAF HEALTH PLAN", "420.00", books.today);
        books.hospital.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> books.bean(JdbcClient.class)
                        .sql("""
                                insert into billing_payer_bank_names
                                    (org_id, payer_identifier, bank_name, learned_by, learned_at)
                                select org_id, payer_identifier, 'GLHP CLAIMS PAY', :by, now()
                                from billing_settlements where trace_number = 'EFT732'
                                """)
                        .param("by", books.hospital.user(Role.ACCOUNTING_STAFF).value())
                        .update()));

        books.receive(books.mt940(
                books.today,
                0,
                "C310,00NTRFNONREF|?20PAYMENT?32GREENLEAF HEALTH PL",
                "C420,00NTRFNONREF|GLHP CLAIMS PAY 77"));

        assertThat(books.suggestions()).extracting(BankMatch::rule).containsExactly("payer-amount", "payer-amount");
        assertThat(books.suggestions())
                .extracting(match -> match.records().getFirst().title())
                .containsExactlyInAnyOrder(
                        "GREENLEAF HEALTH PLAN, payment EFT731", "GREENLEAF HEALTH PLAN, payment EFT732");
    }

    /** CCD+ files of ACH addenda, which banks deliver on request. */
    @Test
    void aBankTellsTheTraceNumberOfALineInAFileOfAchAddenda() {
        books.remittance("EFT734", "GREENLEAF HEALTH PLAN", "120.50", books.today.minusDays(20));
        books.remittance("EFT735", "GREENLEAF HEALTH PLAN", "120.50", books.today.minusDays(20));
        books.receive(books.mt940(books.today, 0, "C120,50NTRFNONREF|ACH CREDIT"));
        assertThat(books.suggestions()).isEmpty();

        IntakeFile told = books.hospital.call(() -> books.bean(AchReturns.class)
                .receive("ach-returns-upload", "addenda.ach", addenda("EFT735", 12_050, books.today)));
        books.hospital.run(() -> books.bean(BankMatches.class).suggest());

        assertThat(told.state()).isEqualTo(IntakeFile.State.ACCEPTED);
        BankMatch match = books.suggestions().getFirst();
        assertThat(match.rule()).isEqualTo("reference");
        assertThat(match.evidence()).contains("EFT735");
        accept(match.id(), 0);
        assertThat(books.settlementState("EFT735")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.settlementState("EFT734")).isNotEqualTo(SettlementState.SETTLED);
    }

    private static InputStream addenda(String trace, long amountMinor, LocalDate effective) {
        String lines = """
                101 09100001911234567892611241405A094101FIRST BANK             RIVERSIDE HOSPITAL     26-00007
                5220GREENLEAF HEALTH                    1512345678CCDHCCLAIMPMT261124%1$s   1091000010000007
                622231380104744-5678-99      %2$010d1234567893     RIVERSIDE HOSPITAL      1091000010000001
                %3$-83s00010000001
                82200000020023138010000000000000%2$012d1512345678                         091000010000007
                9000001000001000000020023138010000000000000%2$012d                                      \s
                """.formatted(
                        effective.format(DateTimeFormatter.ofPattern("yyMMdd")),
                        amountMinor,
                        "705TRN*1*%s*1987654321~".formatted(trace));
        return new ByteArrayInputStream(lines.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void linesOlderThanTheNewestThousandAreLookedAtInTurn() {
        books.receive(books.mt940(books.today, 0, "C310,00NTRFNONREF|GREENLEAF HEALTH PLAN payment"));
        String[] lines = IntStream.range(0, 1_000)
                .mapToObj(number -> "C%d,00NTRFNONREF|Nobody %d".formatted(10_000 + number, number))
                .toArray(String[]::new);
        books.receive(books.mt940(books.today, 31_000, lines));
        books.remittance("EFT733", "GREENLEAF HEALTH PLAN", "310.00", books.today);

        books.hospital.run(() -> books.bean(BankMatches.class).suggest());

        assertThat(books.suggestions())
                .singleElement()
                .satisfies(
                        match -> assertThat(match.records().getFirst().title()).contains("EFT733"));
    }

    @Test
    void settlementsOlderThanTheNewestThousandAreLookedAtInTurn() {
        books.remittance("EFT734", "GREENLEAF HEALTH PLAN", "310.00", books.today);
        books.query("""
                with others as (
                    insert into billing_settlements (org_id, id, reference, payer_identifier, payer_name, trace_number, trace_key,
                        currency, expected_amount, payment_date, counted_from, state, state_since, opened_at)
                    select org_id, overlay(gen_random_uuid()::text placing 'ffffffff' from 1)::uuid, 'other-' || i, 'OTHER',
                           'ANOTHER PAYER', 'OTHER' || i, 'OTHER' || i, currency, 1000000 + i, payment_date, counted_from, state,
                           state_since, opened_at
                    from billing_settlements, generate_series(1, 2500) i where trace_number = 'EFT734'
                    returning id
                )
                select count(*) from others
                """, Long.class);
        try {
            books.receive(books.mt940(books.today, 0, "C310,00NTRFNONREF|GREENLEAF HEALTH PLAN payment"));
            // Each run sees another thousand of the older ones.
            books.hospital.run(() -> books.bean(BankMatches.class).suggest());
            books.hospital.run(() -> books.bean(BankMatches.class).suggest());

            assertThat(books.suggestions())
                    .singleElement()
                    .satisfies(match ->
                            assertThat(match.records().getFirst().title()).contains("EFT734"));
        } finally {
            books.hospital.forget();
        }
    }

    @Test
    void oneDepositForTwoRemittancesSettlesBoth() {
        books.remittance("EFT706", "GREENLEAF HEALTH PLAN", "100.00", books.today);
        books.remittance("EFT707", "GREENLEAF HEALTH PLAN", "250.00", books.today);
        books.receive(books.mt940(books.today, 0, "C350,00NTRFNONREF|GREENLEAF HEALTH PLAN payment"));

        BankMatch match = books.suggestions().getFirst();
        assertThat(match.rule()).isEqualTo("payer-sum");
        accept(match.id(), 0);

        assertThat(books.settlementState("EFT706")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.settlementState("EFT707")).isEqualTo(SettlementState.SETTLED);
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.balanceMinor("1000")).isEqualTo(35_000);
    }

    @Test
    void ofTwoEquallyGoodRecordsAPersonMayTakeTheOther() {
        books.waits(StandardAccount.UNDEPOSITED_CHECKS, "deposit", "D1", "60.00");
        books.waits(StandardAccount.UNDEPOSITED_CHECKS, "deposit", "D2", "60.00");
        books.receive(books.mt940(books.today, 0, "C60,00NTRFNONREF|Deposit"));

        BankMatch match = books.suggestions().getFirst();
        assertThat(match.undecided()).isTrue();
        assertThat(match.alternatives()).hasSize(1);
        String other = match.alternatives().getFirst().getFirst().title();
        accept(match.id(), 1);

        assertThat(books.hospital
                        .call(() -> books.bean(BankMatches.class).get(match.id()))
                        .records())
                .extracting(BankMatch.Record::title)
                .containsExactly(other);
        assertThat(books.balanceMinor("1070")).isEqualTo(6_000);
        assertThat(books.balanceMinor("1090")).isZero();
    }

    @Test
    void whatWasSettledOtherwiseMeanwhileIsNotBooked() {
        books.remittance("EFT708", "GREENLEAF HEALTH PLAN", "310.00", books.today);
        books.receive(books.mt940(books.today, 0, "C310,00NTRFNONREF|GREENLEAF HEALTH PLAN payment"));
        BankMatch match = books.suggestions().getFirst();
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> books.bean(Settlements.class)
                        .cashSeen(new CashEvidence(
                                CashKind.EFT,
                                null,
                                "EFT708",
                                "1987654321",
                                "",
                                usd("310.00"),
                                usd("0.00"),
                                books.today)));

        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> accept(match.id(), 0))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.CHANGED_MEANWHILE));
        assertThat(books.balanceMinor("1090")).isEqualTo(-31_000);

        books.hospital.run(() -> books.bean(BankMatches.class).suggest());
        assertThat(books.suggestions()).isEmpty();
        assertThat(books.lines().getFirst().state()).isEqualTo(BankLine.State.SUSPENSE);
    }

    @Test
    void aDeclinedSuggestionDoesNotComeBack() {
        books.waits(StandardAccount.UNDEPOSITED_CHECKS, "deposit", "D1", "60.00");
        books.receive(books.mt940(books.today, 0, "C60,00NTRFNONREF|Deposit"));
        BankMatch match = books.suggestions().getFirst();

        books.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> books.bean(BankMatches.class).decline(match.id(), "Another deposit"));
        books.hospital.run(() -> books.bean(BankMatches.class).suggest());

        assertThat(books.suggestions()).isEmpty();
        assertThat(books.lines().getFirst().state()).isEqualTo(BankLine.State.SUSPENSE);
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> accept(match.id(), 0))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.MATCH_NOT_OPEN));
    }

    private void accept(UUID id, int alternative) {
        books.hospital.runAs(
                Role.ACCOUNTING_STAFF, () -> books.bean(BankMatches.class).accept(id, alternative));
    }

    private static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }
}
