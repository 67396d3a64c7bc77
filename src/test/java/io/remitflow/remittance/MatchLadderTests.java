package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.remittance.MatchLadder.Cash;
import io.remitflow.remittance.MatchLadder.Expected;
import io.remitflow.remittance.MatchLadder.Match;
import io.remitflow.remittance.MatchLadder.Rule;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The match ladder of domain rules 4.3. */
class MatchLadderTests {

    private static final String PAYER = "1987654321";
    private static final LocalDate MONDAY = LocalDate.of(2026, 11, 16);

    @Test
    void traceNumberPayerAndAmountEqualAreCertain() {
        Expected payment = expected("884684308", 118_000);

        Match match = MatchLadder.match(cash("884684308", 118_000), List.of(expected("884684309", 118_000), payment));

        assertThat(match.rule()).isEqualTo(Rule.EXACT);
        assertThat(match.certain()).isTrue();
        assertThat(match.settlements()).containsExactly(payment.settlementId());
    }

    @Test
    void theTaxIdWithoutItsLeadingOneIsTheSamePayer() {
        Match match = MatchLadder.match(
                new Cash("987654321", "", "884684308", 118_000, MONDAY), List.of(expected("884684308", 118_000)));

        assertThat(match.rule()).isEqualTo(Rule.EXACT);
    }

    @Test
    void oneCentMoreOrLessIsADifferenceAndNeverATolerance() {
        assertThat(MatchLadder.match(cash("884684308", 118_001), List.of(expected("884684308", 118_000)))
                        .rule())
                .isEqualTo(Rule.AMOUNT_DIFFERS);
        assertThat(MatchLadder.match(cash("884684308", 117_999), List.of(expected("884684308", 118_000)))
                        .rule())
                .isEqualTo(Rule.AMOUNT_DIFFERS);
    }

    @Test
    void theSameTraceNumberOfAnotherPayerIsNoMatch() {
        Match match = MatchLadder.match(
                new Cash("1111111111", "OTHER INSURANCE", "884684308", 118_000, MONDAY),
                List.of(expected("884684308", 118_000)));

        assertThat(match.rule()).isEqualTo(Rule.OPEN);
    }

    @Test
    void zerosThatTheBankDroppedOrAddedDoNotMatterIfPayerAndAmountAreEqual() {
        assertThat(MatchLadder.match(cash("12345", 5_000), List.of(expected("00012345", 5_000)))
                        .rule())
                .isEqualTo(Rule.OTHER_SPELLING);
        assertThat(MatchLadder.match(cash("0000000012345", 5_000), List.of(expected("12345", 5_000)))
                        .rule())
                .isEqualTo(Rule.OTHER_SPELLING);
    }

    @Test
    void aTraceNumberCutAtEitherEndMatchesIfEnoughOfItIsLeft() {
        Expected payment = expected("EFT20261116000777", 5_000);

        assertThat(MatchLadder.match(cash("EFT202611160", 5_000), List.of(payment))
                        .rule())
                .isEqualTo(Rule.OTHER_SPELLING);
        assertThat(MatchLadder.match(cash("16000777", 5_000), List.of(payment)).rule())
                .isEqualTo(Rule.OTHER_SPELLING);
        assertThat(MatchLadder.match(cash("00777", 5_000), List.of(payment)).certain())
                .isFalse();
    }

    @Test
    void zerosDroppedButAnotherAmountIsADifference() {
        assertThat(MatchLadder.match(cash("12345", 4_999), List.of(expected("00012345", 5_000)))
                        .rule())
                .isEqualTo(Rule.AMOUNT_DIFFERS);
    }

    @Test
    void twoPaymentsThatFitAnotherSpellingAreLeftOpen() {
        Match match = MatchLadder.match(
                cash("EFT2026", 5_000), List.of(expected("EFT20261", 5_000), expected("EFT20262", 5_000)));

        assertThat(match.rule()).isEqualTo(Rule.OPEN);
        assertThat(match.evidence()).contains("2 payments");
    }

    @Test
    void theNameThatTheBankShowsIdentifiesThePayer() {
        Cash shown = new Cash("", "GREENLEAF HEALTH PL DES:HCCLAIMPMT", "12345", 5_000, MONDAY);
        Cash around = new Cash("", "ACH CREDIT GREENLEAF HEALTH PLAN 705", "12345", 5_000, MONDAY);
        Cash cut = new Cash("", "GREENLEAF HEAL", "12345", 5_000, MONDAY);

        assertThat(MatchLadder.match(shown, List.of(expected("00012345", 5_000)))
                        .certain())
                .isFalse();
        assertThat(MatchLadder.match(around, List.of(expected("00012345", 5_000)))
                        .rule())
                .isEqualTo(Rule.OTHER_SPELLING);
        assertThat(MatchLadder.match(cut, List.of(expected("00012345", 5_000))).rule())
                .isEqualTo(Rule.OTHER_SPELLING);
    }

    @Test
    void withoutAPayerTraceNumberAndAmountAreASuggestionOnly() {
        Match match = MatchLadder.match(
                new Cash("", "", "884684308", 118_000, MONDAY), List.of(expected("884684308", 118_000)));

        assertThat(match.rule()).isEqualTo(Rule.PAYER_NOT_NAMED);
        assertThat(match.certain()).isFalse();
        assertThat(match.suggested()).isTrue();
    }

    @Test
    void theOnlyPaymentOfThisPayerAmountAndWeekIsSuggested() {
        Match match = MatchLadder.match(
                cash("", 5_000), List.of(expected("A-1", 5_000, MONDAY.minusDays(5)), expected("A-2", 5_001)));

        assertThat(match.rule()).isEqualTo(Rule.AMOUNT_AND_DATE);
        assertThat(match.certain()).isFalse();
    }

    /** Wednesday the 11th is a holiday: Tuesday the 10th is 3 business days before Monday the 16th, the 9th is 4. */
    @Test
    void threeBusinessDaysApartIsNearFourIsNot() {
        assertThat(MatchLadder.match(cash("", 5_000), List.of(expected("A-1", 5_000, LocalDate.of(2026, 11, 10))))
                        .rule())
                .isEqualTo(Rule.AMOUNT_AND_DATE);
        assertThat(MatchLadder.match(cash("", 5_000), List.of(expected("A-1", 5_000, LocalDate.of(2026, 11, 9))))
                        .rule())
                .isEqualTo(Rule.OPEN);
        assertThat(MatchLadder.match(cash("", 5_000), List.of(expected("A-1", 5_000, LocalDate.of(2026, 11, 19))))
                        .rule())
                .isEqualTo(Rule.AMOUNT_AND_DATE);
        assertThat(MatchLadder.match(cash("", 5_000), List.of(expected("A-1", 5_000, LocalDate.of(2026, 11, 20))))
                        .rule())
                .isEqualTo(Rule.OPEN);
    }

    @Test
    void twoPaymentsOfOneAmountAreLeftOpen() {
        Match match = MatchLadder.match(cash("", 5_000), List.of(expected("A-1", 5_000), expected("A-2", 5_000)));

        assertThat(match.rule()).isEqualTo(Rule.OPEN);
        assertThat(match.evidence()).contains("2 payments");
    }

    @Test
    void theOnlySetOfPaymentsThatAddsUpIsSuggested() {
        List<Expected> payments = payments(10_000, 20_000, 40_000, 80_000);

        Match match = MatchLadder.match(cash("DEPOSIT1", 90_000), payments);

        assertThat(match.rule()).isEqualTo(Rule.SUM_OF_SEVERAL);
        assertThat(match.certain()).isFalse();
        assertThat(match.settlements())
                .containsExactlyInAnyOrder(
                        payments.get(0).settlementId(), payments.get(3).settlementId());
    }

    @Test
    void twoSetsThatAddUpAreLeftOpenAndSaid() {
        Match match = MatchLadder.match(cash("", 5_000), payments(1_000, 4_000, 2_000, 3_000));

        assertThat(match.rule()).isEqualTo(Rule.OPEN);
        assertThat(match.evidence()).contains("More than one set");
    }

    @Test
    void tooManyCandidatesAreLeftToAPerson() {
        Match match = MatchLadder.match(
                cash("", 1_000_000), payments(LongStream.rangeClosed(1, 21).toArray()));

        assertThat(match.rule()).isEqualTo(Rule.OPEN);
        assertThat(match.evidence()).contains("too many");
    }

    @Test
    void settledPaymentsAreNeverSuggestedAgain() {
        assertThat(MatchLadder.match(cash("", 5_000), List.of(expected("A-1", 0)))
                        .rule())
                .isEqualTo(Rule.OPEN);
    }

    /** An oracle that looks at every subset. */
    @Test
    void agreesWithLookingAtEverySubset() {
        var random = new Random(20261121);
        for (int round = 0; round < 500; round++) {
            long[] amounts = random.longs(1 + random.nextInt(8), 1, 40).toArray();
            long wanted = 1 + random.nextInt(120);
            long fitting = IntStream.range(1, 1 << amounts.length)
                    .filter(set -> IntStream.range(0, amounts.length)
                                    .filter(i -> (set & 1 << i) != 0)
                                    .mapToLong(i -> amounts[i])
                                    .sum()
                            == wanted)
                    .count();

            assertThat(MatchLadder.sum(payments(amounts), wanted).rule())
                    .as("%s for %d", Arrays.toString(amounts), wanted)
                    .isEqualTo(fitting == 1 ? Rule.SUM_OF_SEVERAL : Rule.OPEN);
        }
    }

    private static Cash cash(String traceNumber, long amountMinor) {
        return new Cash(PAYER, "", traceNumber, amountMinor, MONDAY);
    }

    private static Expected expected(String traceNumber, long openMinor) {
        return expected(traceNumber, openMinor, MONDAY);
    }

    private static Expected expected(String traceNumber, long openMinor, LocalDate paymentDate) {
        return new Expected(
                UUID.randomUUID(), PAYER, Set.of("Greenleaf Health Plan"), traceNumber, openMinor, paymentDate);
    }

    private static List<Expected> payments(long... openMinor) {
        return Arrays.stream(openMinor)
                .mapToObj(amount -> expected("P" + UUID.randomUUID(), amount))
                .toList();
    }
}
