package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.remittance.ClaimHistory.Amount;
import io.remitflow.remittance.ClaimHistory.Answer;
import io.remitflow.remittance.ClaimHistory.Item;
import io.remitflow.remittance.ClaimHistory.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** post(original) + post(reversal) = 0, for whatever a payer answers to a claim; the books' side is in ReversalsIntegrationTests. */
class ReversalPropertyTests {

    /** What a payer decided about one of our lines; what is left of the charge was paid. */
    record Line(long charged, long contractual, long patient, long denied) {

        long paid() {
            return charged - contractual - patient - denied;
        }
    }

    @Property(tries = 300)
    void m5_whatAReversalTakesBackIsWhatWasPosted(
            @ForAll("answers") List<Line> lines, @ForAll("answers") List<Line> before) {
        var history = new ClaimHistory();
        history.add(answer("payer-1", 1, before, 1));
        long share = history.patientShareMinor();
        history.add(answer("payer-2", 2, lines, 1));

        var reversal = history.reversal(answer("payer-2", 1, lines, -1));

        assertThat(reversal.kind()).isEqualTo(Kind.EXACT);
        assertThat(reversal.sequence()).isEqualTo(2);
        assertThat(reversal.contractualMinor())
                .isEqualTo(-lines.stream().mapToLong(Line::contractual).sum());
        assertThat(reversal.lines())
                .allSatisfy(line ->
                        assertThat(line.postedMinor() + line.reversedMinor()).isZero());
        history.add(answer("payer-2", 2, lines, -1));
        assertThat(history.patientShareMinor())
                .as("the share that the payer before left")
                .isEqualTo(share);
    }

    @Property(tries = 200)
    void aSecondReversalOfTheSameIsForeign(@ForAll("answers") List<Line> lines) {
        var history = new ClaimHistory();
        history.add(answer("payer-1", 1, lines, 1));
        var first = history.reversal(answer("payer-1", 1, lines, -1));
        history.add(answer("payer-1", 1, lines, -1)
                .with(
                        1,
                        first.contractualMinor(),
                        first.lines().stream()
                                .map(line -> new Amount(line.item(), line.treatment(), line.reversedMinor()))
                                .toList(),
                        first.original()));

        assertThat(history.reversal(answer("payer-1", 1, lines, -1)).kind()).isEqualTo(Kind.FOREIGN);
    }

    @Property(tries = 200)
    void e_anAnswerThatComesAgainBringsItsMoneyOnlyAndAReversalTakesOnlyThatAway(
            @ForAll("answers") List<Line> lines, @ForAll boolean payerReversesAll) {
        var history = new ClaimHistory();
        history.add(answer("payer-1", 1, lines, 1));
        long share = history.patientShareMinor();
        long contractual = history.contractualMinor();
        long paid = lines.stream().mapToLong(Line::paid).sum();
        Answer again = answer("payer-1", 1, lines, 1);
        assertThat(history.isRepeated(again)).isTrue();
        history.add(again);

        assertThat(history.patientShareMinor()).isEqualTo(share);
        assertThat(history.contractualMinor()).isEqualTo(contractual);
        assertThat(history.repeatedMinor()).isEqualTo(paid);

        reverse(history, lines);
        assertThat(history.patientShareMinor()).isEqualTo(share);
        assertThat(history.contractualMinor()).isEqualTo(contractual);
        assertThat(history.repeatedMinor()).isZero();
        if (payerReversesAll) {
            reverse(history, lines);
            assertThat(history.patientShareMinor()).isZero();
            assertThat(history.contractualMinor()).isZero();
            assertThat(history.isRepeated(answer("payer-1", 1, lines, 1))).isFalse();
        }
    }

    private static void reverse(ClaimHistory history, List<Line> lines) {
        Answer said = answer("payer-1", 1, lines, -1);
        var reversal = history.reversal(said);
        history.add(said.with(
                1,
                reversal.contractualMinor(),
                reversal.lines().stream()
                        .map(line -> new Amount(line.item(), line.treatment(), line.reversedMinor()))
                        .toList(),
                reversal.original()));
    }

    @Property(tries = 100)
    void groupCr_namesTheReasonOnlyAndIsTakenForEachGroupUnlessItIsAPartOfSeveral(
            @ForAll("answers") List<Line> lines, @ForAll boolean all) {
        var history = new ClaimHistory();
        List<Amount> posted = new ArrayList<>();
        List<Amount> said = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String where = "line " + (i + 1);
            posted.add(new Amount(new Item(where, ClaimHistory.PAID, ""), null, 500));
            posted.add(new Amount(new Item(where, "CO", "45"), AdjustmentTreatment.CONTRACTUAL, 200));
            posted.add(new Amount(new Item(where, "PR", "45"), AdjustmentTreatment.PATIENT, 100));
            said.add(new Amount(new Item(where, ClaimHistory.PAID, ""), null, -500));
            said.add(new Amount(new Item(where, "CR", "45"), AdjustmentTreatment.REVIEW, all ? -300 : -250));
        }
        history.add(answer(posted, 1));

        var reversal = history.reversal(answer(said, -1));

        assertThat(reversal.kind()).isEqualTo(all ? Kind.EXACT : Kind.FOREIGN);
        assertThat(reversal.contractualMinor()).isEqualTo(all ? -200L * lines.size() : 0);
    }

    private static Answer answer(List<Amount> amounts, int sign) {
        return new Answer(
                UUID.randomUUID(),
                UUID.randomUUID(),
                "",
                "payer-1",
                1,
                sign < 0,
                "PCN",
                sign * 1_000L,
                0,
                0,
                0,
                0,
                amounts,
                null);
    }

    @Provide
    Arbitrary<List<Line>> answers() {
        var charged = Arbitraries.longs().between(100, 100_000);
        var share = Arbitraries.integers().between(0, 30);
        var contractual = Arbitraries.integers().between(-10, 30);
        return Combinators.combine(charged, contractual, share, share)
                .as((charge, written, patient, denied) ->
                        new Line(charge, charge * written / 100, charge * patient / 100, charge * denied / 100))
                .list()
                .ofMinSize(1)
                .ofMaxSize(5);
    }

    private static Answer answer(String payer, int sequence, List<Line> lines, int sign) {
        List<Amount> amounts = new ArrayList<>();
        int number = 0;
        for (Line line : lines) {
            String where = "line " + ++number;
            amounts.add(new Amount(new Item(where, ClaimHistory.PAID, ""), null, sign * line.paid()));
            add(amounts, where, "CO", "45", AdjustmentTreatment.CONTRACTUAL, sign * line.contractual());
            add(amounts, where, "PR", "1", AdjustmentTreatment.PATIENT, sign * line.patient());
            add(amounts, where, "CO", "197", AdjustmentTreatment.DENIED, sign * line.denied());
        }
        return new Answer(
                UUID.randomUUID(),
                UUID.randomUUID(),
                payer + lines + sign,
                payer,
                sequence,
                sign < 0,
                "PCN",
                sign * lines.stream().mapToLong(Line::charged).sum(),
                sign * lines.stream().mapToLong(Line::paid).sum(),
                sign * lines.stream().mapToLong(Line::contractual).sum(),
                sign * lines.stream().mapToLong(Line::patient).sum(),
                0,
                amounts,
                null);
    }

    private static void add(
            List<Amount> amounts,
            String where,
            String group,
            String reason,
            AdjustmentTreatment treatment,
            long minor) {
        if (minor != 0) {
            amounts.add(new Amount(new Item(where, group, reason), treatment, minor));
        }
    }
}
