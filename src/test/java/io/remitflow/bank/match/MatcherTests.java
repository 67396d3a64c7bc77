package io.remitflow.bank.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MatcherTests {

    private static final LocalDate DAY = LocalDate.of(2026, 3, 10);
    private static final MatchRule REFERENCE =
            MatchRule.pair("reference", "Reference and amount", true, false, 10).booking();
    private static final MatchRule AMOUNT = MatchRule.pair("amount", "Amount and date", false, false, 3);
    private static final MatchRule SUM = MatchRule.group("sum", "Sum of several", false, 3, 3, 6);

    @Test
    void takesTheBestChoiceAsAWholeNotTheFirstThatFits() {
        // The first line could take the second record and leave the other line with nothing.
        var outcome = match(
                AMOUNT,
                List.of(item("L1", 100, 3), item("L2", 100, 6)),
                List.of(item("R1", 100, 1), item("R2", 100, 4)));

        assertThat(outcome.matches())
                .extracting(match -> match.lines().getFirst().id()
                        + match.records().getFirst().id())
                .containsExactly("L1R1", "L2R2");
    }

    @Test
    void aReceiptIsNeverMatchedWithAPaymentOfTheSameAmount() {
        assertThat(match(AMOUNT, List.of(item("L1", 100, 1)), List.of(item("R1", -100, 1)))
                        .matches())
                .isEmpty();
    }

    @Test
    void oneLineForSeveralRecordsAndSeveralLinesForOne() {
        var outcome = match(
                SUM,
                List.of(item("L1", 1500, 1), item("L2", 300, 1), item("L3", 400, 1)),
                List.of(item("R1", 900, 1), item("R2", 600, 1), item("R3", 700, 1)));

        assertThat(outcome.matches())
                .extracting(match -> BruteForce.name(match.lines(), match.records()))
                .containsExactlyInAnyOrder("[L1]=[R1, R2]", "[L2, L3]=[R3]");
    }

    @Test
    void whatAPersonRefusedIsNotFoundAgainButTheNextBestIs() {
        var lines = List.of(item("L1", 100, 1));
        var records = List.of(item("R1", 100, 1), item("R2", 100, 2));

        var outcome = new Matcher(List.of(AMOUNT), Limits.STANDARD, Set.of(Set.of("L1", "R1"))).match(lines, records);

        assertThat(outcome.matches()).singleElement().satisfies(match -> {
            assertThat(match.records()).extracting(Item::id).containsExactly("R2");
            assertThat(match.certificate().undecided()).isFalse();
        });
    }

    @Test
    void severalLinesForSeveralRecordsWhenNoPartOfThemIsEqual() {
        var outcome = match(
                SUM, List.of(item("L1", 500, 1), item("L2", 700, 1)), List.of(item("R1", 450, 1), item("R2", 750, 1)));

        assertThat(outcome.matches())
                .extracting(match -> BruteForce.name(match.lines(), match.records()))
                .containsExactly("[L1, L2]=[R1, R2]");
    }

    @Test
    void threeSubsetsThatSumAreUndecidedAndSayAll() {
        var outcome = match(
                SUM,
                List.of(item("L1", 1000, 1)),
                List.of(item("R1", 400, 1), item("R2", 600, 1), item("R3", 600, 1), item("R4", 600, 1)));

        var certificate = outcome.matches().getFirst().certificate();
        assertThat(certificate.undecided()).isTrue();
        assertThat(certificate.evidence()).endsWith("3 subsets sum, undecided");
        assertThat(certificate.alternatives()).containsExactly(List.of("R1", "R3"), List.of("R1", "R4"));
        assertThat(outcome.matches().getFirst().certain()).isFalse();
    }

    @Test
    void whatAStrongRuleCannotDecideNoWeakerRuleDecides() {
        var line = new Item("L1", 100, DAY, Set.of("TRN1"), Set.of());
        var one = new Item("R1", 100, DAY, Set.of("TRN1"), Set.of());
        var other = new Item("R2", 100, DAY, Set.of("TRN1"), Set.of());
        var outcome = new Matcher(List.of(REFERENCE, AMOUNT), Limits.STANDARD)
                .match(List.of(line, item("L2", 100, 0)), List.of(one, other));

        assertThat(outcome.matches()).hasSize(1);
        assertThat(outcome.matches().getFirst().certain()).isFalse();
        assertThat(outcome.open()).extracting(Item::id).containsExactly("L2");
    }

    @Test
    void toleranceOnlyWhereTheRuleAllowsItAndNeverBooked() {
        var line = new Item("L1", 9975, DAY, Set.of("P7"), Set.of());
        var record = new Item("R1", 10000, DAY, Set.of("P7"), Set.of());

        assertThat(match(REFERENCE, List.of(line), List.of(record)).matches()).isEmpty();
        var near =
                match(REFERENCE.tolerating(25), List.of(line), List.of(record)).matches();
        assertThat(near).hasSize(1);
        assertThat(near.getFirst().certain()).isFalse();
    }

    @Test
    void aSearchThatIsTooLargeEndsAndIsReported() {
        List<Item> records = new ArrayList<>();
        for (int i = 0; i < 38; i++) {
            records.add(item("R%02d".formatted(i), 1000 + 7 * i, 1));
        }
        long begun = System.nanoTime();
        var outcome = match(MatchRule.group("sum", "Sum", false, 3, 1, 12), List.of(item("L1", 9_999, 1)), records);

        assertThat(System.nanoTime() - begun).isLessThan(5_000_000_000L);
        assertThat(outcome.matches()).isEmpty();
        assertThat(outcome.beyondLimits()).singleElement().asString().contains("combinations were tried");
    }

    @Test
    void whatAStrongRuleGaveUpSearchingNoWeakerRuleSuggests() {
        List<Item> records = new ArrayList<>(List.of(item("R98", 5_000, 1), item("R99", 4_999, 1)));
        for (int i = 0; i < 38; i++) {
            records.add(item("R%02d".formatted(i), 700 + 7 * i, 1));
        }
        Item line = item("L1", 9_999, 1);
        var strong = MatchRule.group("payer-sum", "Payer and sum", false, 3, 1, 12);
        var weak = MatchRule.group("sum", "Sum", false, 3, 1, 2);

        var outcome = new Matcher(List.of(strong, weak), Limits.STANDARD).match(List.of(line), records);

        assertThat(outcome.matches()).isEmpty();
        assertThat(outcome.open()).containsExactly(line);
        assertThat(match(weak, List.of(line), records).matches()).as("alone").hasSize(1);
    }

    @Test
    void aHundredEqualAmountsEndAsUndecidedOrBeyondLimits() {
        List<Item> lines = new ArrayList<>();
        List<Item> records = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            lines.add(item("L%03d".formatted(i), 350, i % 3));
            records.add(item("R%03d".formatted(i), 350, i % 2));
        }

        var outcome = match(AMOUNT, lines, records);

        assertThat(outcome.matches()).noneMatch(Match::certain);
        assertThat(outcome.beyondLimits()).isNotEmpty();
    }

    private static Outcome match(MatchRule rule, List<Item> lines, List<Item> records) {
        return new Matcher(List.of(rule), Limits.STANDARD).match(lines, records);
    }

    private static Item item(String id, long amountMinor, int day) {
        return new Item(id, amountMinor, DAY.plusDays(day), Set.of(), Set.of());
    }
}
