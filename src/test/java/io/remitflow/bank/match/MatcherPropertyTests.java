package io.remitflow.bank.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The matcher against a search that tries everything, on small cases with many coincidences. */
class MatcherPropertyTests {

    private static final LocalDate DAY = LocalDate.of(2026, 3, 10);

    @Property(tries = 600)
    void oneRuleReachesTheBestChoiceThereIsAndSaysWhetherItIsTheOnlyOne(
            @ForAll("rules") MatchRule rule,
            @ForAll("items") List<Item> someLines,
            @ForAll("items") List<Item> someRecords) {
        var lines = named("L", someLines);
        var records = named("R", someRecords);

        var outcome = new Matcher(List.of(rule), Limits.STANDARD).match(lines, records);
        var oracle = BruteForce.of(rule, lines, records);

        assertThat(outcome.beyondLimits()).isEmpty();
        Set<String> chosen = outcome.matches().stream()
                .map(match -> BruteForce.name(match.lines(), match.records()))
                .collect(Collectors.toSet());
        assertThat(oracle.choices()).contains(chosen);
        for (Match match : outcome.matches()) {
            String name = BruteForce.name(match.lines(), match.records());
            boolean inAll = oracle.choices().stream().allMatch(choice -> choice.contains(name));
            assertThat(match.certificate().undecided()).as(name).isEqualTo(!inAll);
        }
    }

    @Property(tries = 400)
    void noLineAndNoRecordIsUsedTwiceAndSumsAreExact(
            @ForAll("items") List<Item> someLines, @ForAll("items") List<Item> someRecords) {
        var lines = named("L", someLines);
        var records = named("R", someRecords);
        var rules = ladder();

        var outcome = new Matcher(rules, Limits.STANDARD).match(lines, records);

        var used = new HashSet<String>();
        for (Match match : outcome.matches()) {
            match.lines().forEach(line -> assertThat(used.add(line.id())).isTrue());
            match.records().forEach(record -> assertThat(used.add(record.id())).isTrue());
            assertThat(Math.abs(match.lineSumMinor() - match.recordSumMinor()))
                    .isLessThanOrEqualTo(match.rule().toleranceMinor());
        }
        assertThat(outcome.open())
                .extracting(Item::id)
                .noneMatch(used::contains)
                .hasSize(lines.size()
                        - (int) used.stream().filter(id -> id.startsWith("L")).count());
    }

    @Property(tries = 300)
    void theOrderOfTheInputDoesNotMatter(
            @ForAll("items") List<Item> someLines, @ForAll("items") List<Item> someRecords, @ForAll long seed) {
        var lines = named("L", someLines);
        var records = named("R", someRecords);
        var shuffledLines = new ArrayList<>(lines);
        var shuffledRecords = new ArrayList<>(records);
        Collections.shuffle(shuffledLines, new Random(seed));
        Collections.shuffle(shuffledRecords, new Random(seed + 1));
        var matcher = new Matcher(ladder(), Limits.STANDARD);

        assertThat(matcher.match(shuffledLines, shuffledRecords)).isEqualTo(matcher.match(lines, records));
    }

    @Provide
    Arbitrary<List<Item>> items() {
        Arbitrary<Long> amounts = Arbitraries.longs().between(-4, 6).filter(amount -> amount != 0);
        Arbitrary<Set<String>> references = Arbitraries.of("A", "B").set().ofMaxSize(2);
        Arbitrary<Set<String>> parties = Arbitraries.of("P", "Q").set().ofMaxSize(2);
        return Combinators.combine(amounts, Arbitraries.integers().between(0, 4), references, parties)
                .as((amount, day, refs, names) -> new Item("x", amount, DAY.plusDays(day), refs, names))
                .list()
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<MatchRule> rules() {
        return Arbitraries.of(
                Stream.concat(ladder().stream(), Stream.of(MatchRule.group("many", "Many to many", false, 4, 3, 3)))
                        .toList());
    }

    private static List<MatchRule> ladder() {
        return List.of(
                MatchRule.pair("reference", "Reference and amount", true, false, 4)
                        .booking(),
                MatchRule.pair("party", "Party and amount", false, true, 2),
                MatchRule.group("party-sum", "Party and sum", true, 2, 1, 3),
                MatchRule.group("sum", "Sum", false, 2, 2, 2),
                MatchRule.pair("near", "Nearly the amount", true, false, 3).tolerating(1));
    }

    private static List<Item> named(String prefix, List<Item> items) {
        List<Item> named = new ArrayList<>();
        for (Item item : items) {
            named.add(new Item(
                    prefix + named.size(), item.amountMinor(), item.date(), item.references(), item.parties()));
        }
        return named;
    }
}
