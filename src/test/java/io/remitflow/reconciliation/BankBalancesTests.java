package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.core.Amounts;
import io.remitflow.reconciliation.BankFigureRows.Day;
import io.remitflow.reconciliation.BankFigureRows.Statement;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BankBalancesTests {

    private static final LocalDate FIRST = LocalDate.of(2026, 1, 1);
    private static final LocalDate LAST = LocalDate.of(2026, 1, 31);
    private static final Money ZERO = usd("0.00");

    /** Vector T1 of the domain rules 4.5. The formula of the plan, with its signs reversed, would give 3,160.20. */
    @Test
    void t1BothSidesComeTo3360Dollars20() {
        BankBalances t1 = t1();

        assertThat(t1.book()).isEqualTo(usd("3875.20"));
        assertThat(t1.depositsInTransit()).isEqualTo(usd("530.00"));
        assertThat(t1.outstanding()).isEqualTo(usd("730.00"));
        assertThat(t1.unbookedDebits()).isEqualTo(usd("515.00"));
        assertThat(t1.unbookedCredits()).isEqualTo(ZERO);
        assertThat(t1.adjustedBank()).isEqualTo(usd("3360.20"));
        assertThat(t1.adjustedBook()).isEqualTo(usd("3360.20"));
        assertThat(t1.difference()).isEqualTo(ZERO);
    }

    @Test
    void t1InOneLineComesToWhatTheBankSays() {
        assertThat(t1().expectedStatement()).isEqualTo(usd("3560.20"));
    }

    @Test
    void anErrorOfTheBankIsCorrectedOnItsSide() {
        // It charged 40.00 for somebody else: the line is in suspense, and the books are right.
        BankBalances balances = new BankBalances(
                LAST,
                usd("960.00"),
                usd("960.00"),
                ZERO,
                usd("40.00"),
                List.of(item(BankItem.Kind.BANK_ERROR, "-40.00")));

        assertThat(balances.adjustedBank()).isEqualTo(usd("1000.00"));
        assertThat(balances.adjustedBook()).isEqualTo(usd("1000.00"));
        assertThat(balances.expectedStatement()).isEqualTo(usd("960.00"));
    }

    @Test
    void whatIsBookedWithAnotherAmountIsADifference() {
        BankBalances balances = new BankBalances(
                LAST, usd("100.00"), usd("95.00"), ZERO, ZERO, List.of(item(BankItem.Kind.MISMATCH, "-5.00")));

        assertThat(balances.difference()).isEqualTo(usd("5.00"));
    }

    @Test
    void aProofOfCashFootsAndCrossFoots() {
        // 200.00 in transit and a check of 80.00 outstanding before; both settle. T1 at the end.
        BankBalances opening = new BankBalances(
                FIRST.minusDays(1),
                usd("1000.00"),
                usd("1000.00"),
                usd("120.00"),
                ZERO,
                List.of(item(BankItem.Kind.DEPOSIT_IN_TRANSIT, "200.00"), item(BankItem.Kind.OUTSTANDING, "-80.00")));
        // The bank: 4,200.00 came in, of it the 200.00; 1,639.80 went out, of it the 80.00, fee and returned check.
        ProofOfCash proof = ProofOfCash.of(
                opening,
                t1(),
                new ProofOfCash.Flow(usd("4200.00"), usd("1639.80")),
                new ProofOfCash.Flow(usd("4530.00"), usd("1774.80")));

        assertThat(proof.bank()).allMatch(ProofOfCash.Row::crossFoots);
        assertThat(proof.book()).allMatch(ProofOfCash.Row::crossFoots);
        assertThat(proof.adjustedBank()).isEqualTo(row("Adjusted bank", "1120.00", "4530.00", "2289.80", "3360.20"));
        assertThat(proof.adjustedBook()).isEqualTo(row("Adjusted books", "1120.00", "4530.00", "2289.80", "3360.20"));
        assertThat(proof.difference().isZero()).isTrue();
        assertThat(proof.holds()).isTrue();
        for (int column = 0; column < 4; column++) {
            assertThat(foot(proof.bank(), column)).isEqualTo(column(proof.adjustedBank(), column));
            assertThat(foot(proof.book(), column)).isEqualTo(column(proof.adjustedBook(), column));
        }
    }

    @Test
    void aPayoutAfterFeesIsApartInTheBooks() {
        BankBalances opening = new BankBalances(FIRST.minusDays(1), ZERO, ZERO, ZERO, ZERO, List.of());
        BankBalances closing = new BankBalances(LAST, usd("970.00"), usd("970.00"), ZERO, ZERO, List.of());

        ProofOfCash proof = ProofOfCash.of(
                opening,
                closing,
                new ProofOfCash.Flow(usd("970.00"), ZERO),
                new ProofOfCash.Flow(usd("1000.00"), usd("30.00")));

        assertThat(proof.bank())
                .contains(row("In one movement of the bank, apart in the books", "0.00", "30.00", "30.00", "0.00"));
        assertThat(proof.holds()).isTrue();
    }

    /** A deposit was booked 10.00 too high and a payment 10.00 too high: the balances agree, what moved does not. */
    @Test
    void aProofOfCashOfMovementsThatDifferDoesNotHoldThoughBothBalancesAgree() {
        BankBalances opening = new BankBalances(FIRST.minusDays(1), ZERO, ZERO, ZERO, ZERO, List.of());
        BankBalances closing = new BankBalances(
                LAST,
                usd("50.00"),
                usd("50.00"),
                ZERO,
                ZERO,
                List.of(item(BankItem.Kind.MISMATCH, "10.00"), item(BankItem.Kind.MISMATCH, "-10.00")));
        assertThat(closing.difference()).isEqualTo(ZERO);

        ProofOfCash proof = ProofOfCash.of(
                opening,
                closing,
                new ProofOfCash.Flow(usd("100.00"), usd("50.00")),
                new ProofOfCash.Flow(usd("110.00"), usd("60.00")));

        assertThat(proof.holds()).isFalse();
        assertThat(proof.difference()).isEqualTo(row("Difference", "0.00", "-10.00", "-10.00", "0.00"));
    }

    @Test
    void aProofOfCashOfSidesThatDifferDoesNotHold() {
        BankBalances opening = new BankBalances(FIRST.minusDays(1), ZERO, ZERO, ZERO, ZERO, List.of());
        BankBalances closing = new BankBalances(LAST, usd("100.00"), usd("95.00"), ZERO, ZERO, List.of());

        ProofOfCash proof = ProofOfCash.of(
                opening, closing, new ProofOfCash.Flow(usd("100.00"), ZERO), new ProofOfCash.Flow(usd("95.00"), ZERO));

        assertThat(proof.holds()).isFalse();
        assertThat(proof.difference()).isEqualTo(row("Difference", "0.00", "5.00", "0.00", "5.00"));
    }

    @Test
    void rollForwardsGoFromTheBeginningToTheEnd() {
        List<BankRollForward.Movement> movements = List.of(
                // A check of 80.00 from before that the bank paid, one of 730.00 issued, one of 60.00 issued and
                // voided.
                new BankRollForward.Movement(true, -8_000, 0, 0, 8_000),
                new BankRollForward.Movement(true, 0, 0, -73_000, 0),
                new BankRollForward.Movement(true, 0, 6_000, -6_000, 0),
                // A deposit of 200.00 from before that was credited, one of 530.00 booked, one of 50.00 booked and
                // credited.
                new BankRollForward.Movement(false, 20_000, 0, 0, -20_000),
                new BankRollForward.Movement(false, 0, 53_000, 0, 0),
                new BankRollForward.Movement(false, 0, 5_000, 0, -5_000));

        assertThat(BankRollForward.outstanding(movements, ZERO))
                .isEqualTo(new BankRollForward(usd("80.00"), usd("790.00"), usd("80.00"), usd("60.00"), usd("730.00")));
        assertThat(BankRollForward.inTransit(movements, ZERO))
                .isEqualTo(
                        new BankRollForward(usd("200.00"), usd("580.00"), usd("250.00"), usd("0.00"), usd("530.00")));
        assertThat(BankRollForward.outstanding(movements, ZERO).holds()).isTrue();
        assertThat(BankRollForward.inTransit(movements, ZERO).holds()).isTrue();
    }

    @Test
    void overlappingStatementsLeaveNoGap() {
        StatementHistory history = history(statement(1, 15, 0L, 500L), statement(10, 31, 300L, 900L));

        assertThat(history.gaps(FIRST, LAST)).isEmpty();
        assertThat(history.balance(LAST)).isEqualTo(900);
        assertThat(history.balance(FIRST.minusDays(1))).isZero();
    }

    @Test
    void aStatementThatDoesNotContinueTheBalanceIsAGap() {
        StatementHistory history = history(statement(1, 9, 0L, 300L), statement(20, 31, 650L, 1050L));

        assertThat(history.gaps(FIRST, LAST)).singleElement().asString().contains("opens with 6.50", "one is missing");
    }

    @Test
    void aStatementThatLeadsToAnotherBalanceIsAGap() {
        assertThat(history(statement(1, 31, 0L, 950L)).gaps(FIRST, LAST))
                .singleElement()
                .asString()
                .contains("closes with 9.50");
    }

    @Test
    void aPeriodThatTheStatementsDoNotReachIsNotCovered() {
        StatementHistory history = history(statement(5, 15, 200L, 500L));

        assertThat(history.gaps(FIRST, LAST))
                .containsExactly("The statements begin on 2026-01-05 only", "The statements end on 2026-01-15");
        assertThat(history.gaps(FIRST.plusDays(4), FIRST.plusDays(14))).isEmpty();
    }

    /** A bank that sends nothing for a weekend: the next statement goes on from the balance. */
    @Test
    void daysWithoutAStatementAreCoveredIfTheNextOneGoesOn() {
        assertThat(history(statement(1, 20, 0L, 600L), statement(25, 31, 600L, 900L))
                        .gaps(FIRST, FIRST.plusDays(21)))
                .isEmpty();
        assertThat(history(statement(1, 20, 0L, 600L), statement(25, 31, 700L, 1000L))
                        .gaps(FIRST, FIRST.plusDays(21)))
                .singleElement()
                .asString()
                .contains("one is missing");
    }

    /** Its movements add up to nothing, so that the balances continue each other without it. */
    @Test
    void aStatementThatABankCountedAndDidNotSendIsAGap() {
        assertThat(numbered("00007/001", "00008/001", "00010/001").gaps(FIRST, LAST))
                .containsExactly("Between statement 8 of 2026-01-20 and statement 10 of 2026-01-21 one is missing");
        assertThat(numbered("7", "8", "9").gaps(FIRST, LAST)).isEmpty();
        assertThat(numbered("7", "8", "8").gaps(FIRST, LAST)).as("came twice").isEmpty();
        assertThat(numbered("7", "8", "10").gaps(FIRST, FIRST.plusDays(9)))
                .as("in another period")
                .isEmpty();
    }

    @Test
    void aBankThatDoesNotCountItsStatementsIsNotHeldToTheirNumbers() {
        assertThat(numbered("20260110", "20260120", "20260131").gaps(FIRST, LAST))
                .isEmpty();
        assertThat(numbered("7", "8", "A10").gaps(FIRST, LAST)).isEmpty();
        assertThat(numbered("7", "9", "8").gaps(FIRST, LAST)).isEmpty();
        assertThat(numbered("", "", "").gaps(FIRST, LAST)).isEmpty();
    }

    private static StatementHistory numbered(String first, String second, String third) {
        return history(
                new Statement(UUID.randomUUID(), first, FIRST, FIRST.plusDays(9), 0L, 300L),
                new Statement(UUID.randomUUID(), second, FIRST.plusDays(10), FIRST.plusDays(19), 300L, 600L),
                new Statement(UUID.randomUUID(), third, FIRST.plusDays(20), LAST, 600L, 900L));
    }

    @Test
    void theProcessHasEveryIdThatTheBooksKnow() throws Exception {
        String model = read();
        for (var field : Arrays.stream(BankReconciliationSteps.class.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == String.class)
                .toList()) {
            String attribute = field.getName().equals("STARTED") ? "name" : "id";
            assertThat(model).as(field.getName()).contains(attribute + "=\"" + field.get(null) + '"');
        }
    }

    private static String read() throws IOException {
        return Files.readString(Path.of("bpmn", "bank-reconciliation.bpmn"));
    }

    /** 2.00 on the 2nd, 1.00 on the 8th, 2.00 on the 12th, 1.00 on the 18th, 3.00 on the 30th. */
    private static StatementHistory history(Statement... statements) {
        return new StatementHistory(
                "USD",
                List.of(statements),
                Stream.of(
                                new Day(FIRST.plusDays(1), 200, 0),
                                new Day(FIRST.plusDays(7), 100, 0),
                                new Day(FIRST.plusDays(11), 250, 50),
                                new Day(FIRST.plusDays(17), 100, 0),
                                new Day(FIRST.plusDays(29), 300, 0))
                        .filter(day -> Arrays.stream(statements)
                                .anyMatch(each -> !day.on().isBefore(each.firstOn())
                                        && !day.on().isAfter(each.lastOn())))
                        .toList());
    }

    private static Statement statement(int first, int last, @Nullable Long opening, @Nullable Long closing) {
        return new Statement(
                UUID.randomUUID(), "", FIRST.plusDays(first - 1), FIRST.plusDays(last - 1), opening, closing);
    }

    private static BankBalances t1() {
        return new BankBalances(
                LAST,
                usd("3560.20"),
                usd("3560.20"),
                usd("-200.00"),
                usd("515.00"),
                List.of(
                        item(BankItem.Kind.DEPOSIT_IN_TRANSIT, "530.00"),
                        item(BankItem.Kind.OUTSTANDING, "-730.00"),
                        item(BankItem.Kind.UNBOOKED, "-490.00"),
                        item(BankItem.Kind.UNBOOKED, "-25.00")));
    }

    private static BankItem item(BankItem.Kind kind, String amount) {
        return new BankItem(kind, UUID.randomUUID(), LAST, "reference", "words", usd(amount), null, null);
    }

    private static ProofOfCash.Row row(String title, String opening, String in, String out, String closing) {
        return new ProofOfCash.Row(title, usd(opening), usd(in), usd(out), usd(closing));
    }

    private static Money foot(List<ProofOfCash.Row> rows, int column) {
        return rows.subList(0, rows.size() - 1).stream()
                .map(row -> column(row, column))
                .reduce(ZERO, Money::plus);
    }

    private static Money column(ProofOfCash.Row row, int column) {
        return switch (column) {
            case 0 -> row.opening();
            case 1 -> row.receipts();
            case 2 -> row.disbursements();
            default -> row.closing();
        };
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }
}
