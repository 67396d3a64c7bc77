package io.remitflow.reconciliation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.joda.money.Money;

/**
 * Both sides of a bank account over a period in four columns: opening, receipts, disbursements, closing. Every row
 * cross-foots, every column foots.
 *
 * @param bank per statement, its adjustments, and adjusted last
 * @param book per books, its adjustments, and adjusted last
 */
public record ProofOfCash(List<Row> bank, List<Row> book) {

    /** One row. */
    public record Row(String title, Money opening, Money receipts, Money disbursements, Money closing) {

        public boolean crossFoots() {
            return opening.plus(receipts).minus(disbursements).equals(closing);
        }

        Row minus(Row other, String words) {
            return new Row(
                    words,
                    opening.minus(other.opening),
                    receipts.minus(other.receipts),
                    disbursements.minus(other.disbursements),
                    closing.minus(other.closing));
        }

        public boolean isZero() {
            return opening.isZero() && receipts.isZero() && disbursements.isZero() && closing.isZero();
        }
    }

    /** What came in and went out, both above zero. */
    record Flow(Money in, Money out) {}

    static ProofOfCash of(BankBalances opening, BankBalances closing, Flow bankFlow, Flow bookFlow) {
        Money zero = Money.zero(opening.statement().getCurrencyUnit());
        List<Row> bank = new ArrayList<>();
        bank.add(new Row(
                "Per bank statements", opening.statement(), bankFlow.in(), bankFlow.out(), closing.statement()));
        Money begun = opening.depositsInTransit();
        Money ended = closing.depositsInTransit();
        bank.add(new Row("Deposits in transit at the beginning", begun, begun.negated(), zero, zero));
        bank.add(new Row("Deposits in transit at the end", zero, ended, zero, ended));
        begun = opening.outstanding();
        ended = closing.outstanding();
        bank.add(new Row("Outstanding at the beginning", begun.negated(), zero, begun.negated(), zero));
        bank.add(new Row("Outstanding at the end", zero, zero, ended, ended.negated()));
        Money wrongIn = errors(opening, Money::isPositive, zero);
        Money wrongOut = errors(opening, Money::isNegative, zero).negated();
        bank.add(new Row("Errors of the bank at the beginning", wrongOut.minus(wrongIn), wrongIn, wrongOut, zero));
        wrongIn = errors(closing, Money::isPositive, zero);
        wrongOut = errors(closing, Money::isNegative, zero).negated();
        bank.add(new Row(
                "Errors of the bank at the end", zero, wrongIn.negated(), wrongOut.negated(), wrongOut.minus(wrongIn)));
        Row adjustedBank = total("Adjusted bank", bank);

        List<Row> book = new ArrayList<>();
        book.add(new Row("Per books", opening.book(), bookFlow.in(), bookFlow.out(), closing.book()));
        begun = opening.unbookedCredits();
        ended = closing.unbookedCredits();
        book.add(new Row("Unbooked credits at the beginning", begun, begun.negated(), zero, zero));
        book.add(new Row("Unbooked credits at the end", zero, ended, zero, ended));
        begun = opening.unbookedDebits();
        ended = closing.unbookedDebits();
        book.add(new Row("Unbooked debits at the beginning", begun.negated(), zero, begun.negated(), zero));
        book.add(new Row("Unbooked debits at the end", zero, zero, ended, ended.negated()));
        Row gap = total("", book).minus(adjustedBank, "");
        if (gap.opening().isZero()
                && gap.closing().isZero()
                && !gap.receipts().isZero()
                && eachAgrees(opening)
                && eachAgrees(closing)) {
            // One movement at the bank is several in the books, such as a payout after fees, or the other way around:
            // what belongs together is equal on both sides. Where one thing is not, the columns keep their difference.
            bank.add(new Row(
                    "In one movement of the bank, apart in the books", zero, gap.receipts(), gap.receipts(), zero));
        }
        bank.add(total("Adjusted bank", bank));
        book.add(total("Adjusted books", book));
        return new ProofOfCash(bank, book);
    }

    /** No movement of the bank is booked with another amount. */
    private static boolean eachAgrees(BankBalances balances) {
        return balances.of(BankItem.Kind.MISMATCH).isEmpty();
    }

    public Row adjustedBank() {
        return bank.getLast();
    }

    public Row adjustedBook() {
        return book.getLast();
    }

    public Row difference() {
        return adjustedBank().minus(adjustedBook(), "Difference");
    }

    /** Whether rows cross-foot, columns foot and both sides agree. */
    public boolean holds() {
        return bank.stream().allMatch(Row::crossFoots)
                && book.stream().allMatch(Row::crossFoots)
                && difference().isZero();
    }

    private static Money errors(BankBalances balances, java.util.function.Predicate<Money> direction, Money zero) {
        return balances.of(BankItem.Kind.BANK_ERROR).stream()
                .map(BankItem::amount)
                .filter(direction)
                .reduce(zero, Money::plus);
    }

    private static Row total(String title, List<Row> rows) {
        return new Row(
                title,
                sum(rows, Row::opening),
                sum(rows, Row::receipts),
                sum(rows, Row::disbursements),
                sum(rows, Row::closing));
    }

    private static Money sum(List<Row> rows, Function<Row, Money> column) {
        return rows.stream().map(column).reduce(Money::plus).orElseThrow();
    }
}
