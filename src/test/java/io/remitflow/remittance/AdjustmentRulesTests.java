package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is written off without anybody asking (4.4), here for bundled services: "paid" and then "reason amount" of each line. */
class AdjustmentRulesTests {

    private static final EraPosition SOMEWHERE = EraPosition.atOffset(0);

    @Test
    void carc97_ofTheOnlyLineIsForReviewAlsoIfTheLineIsPaid() {
        assertThat(treatments(line("40", "97 60"))).containsExactly("97 60 REVIEW");
    }

    @Test
    void carc97_ofALineIsWrittenOffIfAnotherLineIsPaid() {
        assertThat(treatments(line("120", "45 30"), line("0", "97 50")))
                .containsExactly("45 30 CONTRACTUAL", "97 50 CONTRACTUAL");
    }

    @Test
    void carc97_ofThePaidLineIsForReviewIfNoOtherLineIsPaid() {
        assertThat(treatments(line("40", "97 60"), line("0", "197 50")))
                .containsExactly("97 60 REVIEW", "197 50 DENIED");
    }

    @Test
    void carc97_ofAllLinesIsADenial() {
        assertThat(treatments(line("0", "97 60"), line("0", "97 50"))).containsExactly("97 60 DENIED", "97 50 DENIED");
    }

    @Test
    void carc97_ofTheClaimAsAWholeNamesNoOtherLine() {
        var claim = claim(List.of(adjustment("97 60")), List.of(), 40);

        assertThat(treatments(claim)).containsExactly("97 60 REVIEW");
    }

    @Test
    void v14_whatTheLineThatCarriesThePaymentTookOverStaysContractual() {
        assertThat(treatments(line("120", "97 -50", "45 30"), line("0", "97 50")))
                .containsExactly("97 -50 CONTRACTUAL", "45 30 CONTRACTUAL", "97 50 CONTRACTUAL");
    }

    private record Line(long paid, List<EraAdjustment> adjustments) {}

    private static Line line(String paid, String... adjustments) {
        return new Line(
                Long.parseLong(paid),
                Arrays.stream(adjustments).map(AdjustmentRulesTests::adjustment).toList());
    }

    private static EraAdjustment adjustment(String text) {
        String[] parts = text.split(" ");
        return new EraAdjustment("CO", parts[0], Long.parseLong(parts[1]), null, SOMEWHERE);
    }

    private static List<String> treatments(Line... lines) {
        List<EraServiceLine> services = new ArrayList<>();
        for (Line line : lines) {
            services.add(new EraServiceLine(
                    services.size() + 1,
                    SOMEWHERE,
                    "HC",
                    "99213",
                    List.of(),
                    null,
                    null,
                    line.paid() + EraAdjustment.sum(line.adjustments()),
                    line.paid(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    line.adjustments(),
                    List.of()));
        }
        return treatments(claim(
                List.of(),
                services,
                services.stream().mapToLong(EraServiceLine::paidMinor).sum()));
    }

    private static List<String> treatments(EraClaim claim) {
        return new AdjustmentRules(Set.of("96", "204"))
                .assess(claim, Set.of("45")).adjustments().stream()
                        .map(each -> "%s %d %s"
                                .formatted(
                                        each.adjustment().reason(),
                                        each.adjustment().amountMinor(),
                                        each.treatment()))
                        .toList();
    }

    private static EraClaim claim(List<EraAdjustment> adjustments, List<EraServiceLine> lines, long paid) {
        return new EraClaim(
                1,
                SOMEWHERE,
                "C1",
                "1",
                100,
                paid,
                0,
                "12",
                "PCN1",
                null,
                null,
                null,
                null,
                null,
                null,
                adjustments,
                lines,
                List.of());
    }
}
