package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;

/** Which part of which line pays which record. */
class ShareTests {

    private static final LocalDate DAY = LocalDate.of(2026, 3, 10);

    @Test
    void theOldestLinePaysTheOldestRecordFirst() {
        var late = line(90_00, 5);
        var early = line(60_00, 1);
        var second = record(80_00, 3);
        var first = record(70_00, 2);

        assertThat(Share.of(List.of(late, early), List.of(second, first)))
                .extracting(Share::line, Share::record, share -> share.amount().getAmountMinorLong())
                .containsExactly(tuple(early, first, 60_00L), tuple(late, first, 10_00L), tuple(late, second, 80_00L));
    }

    @Test
    void aRecordThatTakesMoneyBackPaysAnotherRecordAndNeedsNoLine() {
        var line = line(60_00, 1);
        var charge = record(100_00, 1);
        var refund = record(-40_00, 2);

        assertThat(Share.of(List.of(line), List.of(refund, charge)))
                .extracting(Share::record, share -> share.amount().getAmountMinorLong())
                .containsExactly(tuple(charge, 60_00L));
    }

    @Test
    void linesThatTakeEachOtherBackPayNothing() {
        assertThat(Share.of(List.of(line(5_00, 1), line(-5_00, 2)), List.of())).isEmpty();
    }

    @Property
    void eachLineAndEachRecordIsPaidToTheCentWhateverTheCuts(
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 500) Integer> parts,
            @ForAll @Size(max = 7) List<Boolean> lineEnds,
            @ForAll @Size(max = 7) List<Boolean> recordEnds) {
        // Both sides are the same parts, joined differently: so their sums are equal.
        List<BankLine> lines = new ArrayList<>();
        joined(parts, lineEnds).forEach(amount -> lines.add(line(amount, lines.size())));
        List<BankMatch.Record> records = new ArrayList<>();
        joined(parts, recordEnds).forEach(amount -> records.add(record(amount, records.size())));

        List<Share> shares = Share.of(lines, records);

        for (BankLine line : lines) {
            assertThat(sum(shares.stream()
                            .filter(share -> share.line().equals(line))
                            .toList()))
                    .isEqualTo(line.amount());
        }
        for (BankMatch.Record record : records) {
            assertThat(sum(shares.stream()
                            .filter(share -> share.record().equals(record))
                            .toList()))
                    .isEqualTo(record.amount());
        }
        assertThat(shares).allMatch(share -> share.amount().isPositive());
        assertThat(shares.size()).isLessThan(lines.size() + records.size());
    }

    private static List<Integer> joined(List<Integer> parts, List<Boolean> ends) {
        List<Integer> sums = new ArrayList<>();
        int sum = 0;
        for (int i = 0; i < parts.size(); i++) {
            sum += parts.get(i);
            if (i == parts.size() - 1 || i < ends.size() && ends.get(i)) {
                sums.add(sum);
                sum = 0;
            }
        }
        return sums;
    }

    private static Money sum(List<Share> shares) {
        return shares.stream().map(Share::amount).reduce(Money::plus).orElseThrow();
    }

    private static BankMatch.Record record(int minor, int day) {
        return new BankMatch.Record("settlement", UUID.randomUUID(), "Payment", usd(minor), DAY.plusDays(day));
    }

    private static BankLine line(int minor, int day) {
        return new BankLine(
                UUID.randomUUID(),
                new UUID(0, 1),
                "1000",
                new UUID(0, 2),
                DAY.plusDays(day),
                null,
                usd(minor),
                false,
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                BankLine.State.SUSPENSE,
                null,
                null,
                null);
    }

    private static Money usd(int minor) {
        return Money.ofMinor(CurrencyUnit.USD, minor);
    }
}
