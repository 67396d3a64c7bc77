package io.remitflow.remittance.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.remittance.EraRejected.Reason;
import io.remitflow.remittance.EraTotals;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class EraPropertyTests {

    @Property(tries = 60)
    void everyGeneratedFileIsReadAndBalances(@ForAll("files") Era835Generator file) {
        var era = RecordedEra.of(file.bytes());

        assertThat(era.rejected).isNull();
        assertThat(era.isBalanced()).isTrue();
        assertThat(era.claims).hasSize(file.claims());
        assertThat(era.transactions).hasSize(file.transactions());
        for (int i = 0; i < era.totals.size(); i++) {
            EraTotals totals = era.totals.get(i);
            assertThat(totals.balance().warnings()).isEmpty();
            assertThat(era.transactions.get(i).paidMinor())
                    .isEqualTo(totals.claimsPaidMinor() - totals.providerAdjustmentsMinor());
        }
    }

    @Property(tries = 40)
    void delimitersDoNotChangeTheContent(@ForAll("files") Era835Generator file) {
        var plain = Era835Generator.of(file.seed(), file.claims(), file.transactions());

        assertThat(RecordedEra.of(file.bytes()).totals).isEqualTo(RecordedEra.of(plain.bytes()).totals);
    }

    @Property(tries = 100)
    void noPrefixOfAFileIsAccepted(
            @ForAll("files") Era835Generator file, @ForAll @IntRange(max = 10_000) int permyriad) {
        var bytes = file.bytes();
        int whole = new String(bytes, StandardCharsets.US_ASCII).stripTrailing().length();
        int length = (int) ((long) (whole - 2) * permyriad / 10_000);

        var era = RecordedEra.of(Arrays.copyOf(bytes, length));

        assertThat(era.rejected).isNotNull();
        assertThat(era.file).isNull();
    }

    /** One digit of one amount changed: either it cannot be read any more, or some level is out of balance. */
    @Property(tries = 150)
    void noChangedDigitOfAnAmountGoesUnnoticed(
            @ForAll @IntRange(min = 1, max = 1_000_000) int seed, @ForAll @IntRange(max = 100_000) int where) {
        var text = Era835Generator.of(seed, 3, 1).text();
        var amounts = java.util.regex.Pattern.compile(
                        "(?m)^(?:BPR\\*I|CLP\\*A\\d+\\*\\d\\*[\\d.]+|CLP\\*A\\d+\\*\\d|SVC\\*HC:\\d+|SVC\\*HC:\\d+\\*[\\d.]+"
                                + "|CAS\\*..\\*\\d+|PLB\\*\\d+\\*\\d+\\*[^*]+)\\*[\\d.]*?(\\d)(?=[\\d.]*[*~])")
                .matcher(text)
                .results()
                .toList();
        var hit = amounts.get(where % amounts.size());
        int at = hit.start(1);
        char digit = (char) ('0' + (text.charAt(at) - '0' + 1 + where % 9) % 10);
        var changed = text.substring(0, at) + digit + text.substring(at + 1);

        var era = RecordedEra.of(changed);

        assertThat(era.rejected != null || !era.isBalanced()).as(hit.group()).isTrue();
    }

    @Property(tries = 300)
    void anyBytesAreRejectedWithAReasonAndNeverCrash(@ForAll byte[] bytes) {
        assertThat(RecordedEra.of(bytes).rejected()).isNotNull();
    }

    @Property(tries = 300)
    void oneDamagedByteIsEitherHarmlessOrRejectedOrOutOfBalance(
            @ForAll @IntRange(max = 1_000_000) int where, @ForAll byte value) {
        var bytes = Era835Generator.of(11, 2, 1).bytes();
        bytes[where % bytes.length] = value;

        var era = RecordedEra.of(bytes);

        if (era.rejected != null) {
            assertThat(era.rejected.reason()).isIn((Object[]) Reason.values());
            assertThat(era.rejected.position().offset()).isBetween(0L, (long) bytes.length);
            assertThat(era.file).isNull();
        } else {
            assertThat(era.file).isNotNull();
        }
    }

    @Provide
    Arbitrary<Era835Generator> files() {
        var shape = Combinators.combine(
                        Arbitraries.longs().between(1, 1_000_000),
                        Arbitraries.integers().between(1, 40),
                        Arbitraries.integers().between(1, 4))
                .as(Era835Generator::of);
        var delimiters = Arbitraries.of("*:~", "|^~", "*>!", "+:'", "*|\n", "^:~", "*:\r")
                .map(String::toCharArray);
        var lineEnds = Arbitraries.of("", "\n", "\r\n");
        return Combinators.combine(shape, delimiters, lineEnds)
                .as((file, each, lineEnd) -> file.withDelimiters(each[0], each[1], each[2], lineEnd));
    }
}
