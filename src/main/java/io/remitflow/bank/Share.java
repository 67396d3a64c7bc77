package io.remitflow.bank;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.joda.money.Money;

/** The part of a bank line that pays a record, or of a record that a line pays. */
public record Share(BankLine line, BankMatch.Record record, Money amount) {

    /**
     * Which part of which line pays which record: the oldest line the oldest record first, money in and money out each for
     * themselves. What is left of records or lines with opposite signs pays each other.
     */
    static List<Share> of(List<BankLine> lines, List<BankMatch.Record> records) {
        List<Share> shares = new ArrayList<>();
        for (boolean in : new boolean[] {true, false}) {
            share(
                    lines.stream()
                            .filter(line -> line.amount().isPositive() == in)
                            .sorted(Comparator.comparing(BankLine::bookedOn).thenComparing(BankLine::id))
                            .toList(),
                    records.stream()
                            .filter(record -> record.amount().isPositive() == in)
                            .sorted(Comparator.comparing(BankMatch.Record::date).thenComparing(BankMatch.Record::id))
                            .toList(),
                    shares);
        }
        return shares;
    }

    private static void share(List<BankLine> lines, List<BankMatch.Record> records, List<Share> into) {
        int at = 0;
        long open = records.isEmpty() ? 0 : minor(records.getFirst().amount());
        for (BankLine line : lines) {
            long left = minor(line.amount());
            while (left != 0 && at < records.size()) {
                long part = Math.abs(left) < Math.abs(open) ? left : open;
                into.add(new Share(
                        line, records.get(at), Money.ofMinor(line.amount().getCurrencyUnit(), part)));
                left -= part;
                open -= part;
                if (open == 0 && ++at < records.size()) {
                    open = minor(records.get(at).amount());
                }
            }
        }
    }

    private static long minor(Money amount) {
        return amount.getAmountMinorLong();
    }
}
