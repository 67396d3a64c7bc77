package io.remitflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

class NewEntryTests {

    static final LocalDate TODAY = LocalDate.of(2026, 3, 2);

    /** Each row is an entry: D or C, account, amount; then whether it may be posted. */
    static final String ENTRIES = """
            D 1000 USD 10.00 | C 4000 USD 10.00                       | ok
            D 1000 USD 10.00 | C 4000 USD 4.00    | C 4010 USD 6.00    | ok
            D 1000 USD 0.01  | C 4000 USD 0.01                        | ok
            D 1000 VND 2220000 | C 4000 VND 2220000                   | ok
            D 1000 JPY 1     | C 4000 JPY 1                           | ok
            D 1000 KWD 0.001 | C 4000 KWD 0.001                       | ok
            D 1000 USD 10.00 | C 4000 USD 9.99                        | entry-not-balanced
            D 1000 USD 10.00 | D 4000 USD 10.00                       | entry-not-balanced
            D 1000 USD 10.00                                          | entry-not-balanced
                                                                      | entry-not-balanced
            D 1000 USD 0.00  | C 4000 USD 0.00                        | entry-not-balanced
            D 1000 USD 10.00 | C 4000 USD 10.00   | D 1010 USD 0.00    | entry-not-balanced
            D 1000 USD -1.00 | C 4000 USD -1.00                       | entry-not-balanced
            D 1000 USD 10.00 | C 4000 EUR 10.00                       | entry-not-balanced
            D 1000 USD 1.00 | C 4000 USD 1.00 | D 1000 EUR 1.00 | C 4000 EUR 1.00 | entry-not-balanced
            D 1000 USD 10000000000000.00 | C 4000 USD 10000000000000.00 | ok
            D 1000 USD 10000000000000.01 | C 4000 USD 10000000000000.01 | invalid-input
            D 1000 JPY 9223372036854775807 | C 4000 JPY 9223372036854775807 | invalid-input
            """;

    @Test
    void g1_g6_acceptsBalancedEntriesOnly() {
        ENTRIES.lines()
                .filter(row -> !row.isBlank())
                .forEach(row -> assertThat(outcome(row)).as(row).isEqualTo(lastCell(row)));
    }

    @Test
    void movesNothingForZeroAndCreditsForNegative() {
        var entry = NewEntry.on(TODAY, "test", "key", "text")
                .move(StandardAccount.INTEREST_INCOME, usd("-2.50"), null)
                .move(StandardAccount.LEVY_RECEIVABLE, usd("0.00"), null)
                .move(StandardAccount.CASH_OPERATING, usd("2.50"), null)
                .build();

        assertThat(entry.lines())
                .extracting(NewEntry.Line::accountCode, NewEntry.Line::debit, NewEntry.Line::amount)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("4210", false, usd("2.50")),
                        org.assertj.core.groups.Tuple.tuple("1000", true, usd("2.50")));
    }

    @Test
    void sameContentWhateverTheDayAndTheText() {
        var entry = payment(TODAY, "Card payment", "10.00");

        assertThat(payment(TODAY.plusDays(1), "the card payment", "10.00").contentHash())
                .isEqualTo(entry.contentHash());
        assertThat(payment(TODAY, "Card payment", "10.01").contentHash()).isNotEqualTo(entry.contentHash());
    }

    @Test
    void refusesMissingTexts() {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> NewEntry.on(TODAY, "test", " ", "text"))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.INVALID_INPUT));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> NewEntry.on(TODAY, "test", "k".repeat(201), "text"));
    }

    @Test
    void knowsEveryAccountOfTheTemplateOnce() {
        assertThat(StandardAccount.values()).extracting(StandardAccount::code).doesNotHaveDuplicates();
        assertThat(StandardAccount.values())
                .allSatisfy(account -> assertThat(account.type()
                                .name()
                                .contains(
                                        switch (account.code().charAt(0)) {
                                            case '1' -> "ASSET";
                                            case '2' -> "LIABILITY";
                                            case '3' -> "EQUITY";
                                            case '4' -> "REVENUE";
                                            default -> "EXPENSE";
                                        }))
                        .isTrue());
    }

    static NewEntry payment(LocalDate date, String text, String amount) {
        return NewEntry.on(date, "test", "key", text)
                .debit(StandardAccount.CARD_CLEARING, usd(amount), new ClearingReference("gateway-payment", "p1"))
                .credit(StandardAccount.AR_PATIENTS, usd(amount))
                .build();
    }

    static Money usd(String amount) {
        return Money.parse("USD " + amount);
    }

    private static String outcome(String row) {
        var builder = NewEntry.on(TODAY, "test", "key", "text");
        for (String cell : lineCells(row)) {
            String[] parts = cell.split(" +");
            builder.line(new NewEntry.Line(
                    parts[1],
                    parts[0].equals("D"),
                    Money.of(CurrencyUnit.of(parts[2]), new java.math.BigDecimal(parts[3])),
                    null));
        }
        try {
            builder.build();
            return "ok";
        } catch (RuleViolation e) {
            return e.code();
        }
    }

    private static List<String> lineCells(String row) {
        var cells = new ArrayList<>(List.of(row.split("\\|")));
        cells.removeLast();
        return cells.stream().map(String::strip).filter(cell -> !cell.isEmpty()).toList();
    }

    private static String lastCell(String row) {
        return row.substring(row.lastIndexOf('|') + 1).strip();
    }
}
