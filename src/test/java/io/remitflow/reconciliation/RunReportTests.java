package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.RuleViolation;
import io.remitflow.discrepancies.DiscrepancyType;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunReportTests {

    static final Period PERIOD = new Period(LocalDate.of(2026, 3, 1), LocalDate.of(2026, 3, 2));

    final RunSummary summary = new RunSummary(
            3,
            3,
            4,
            2,
            Map.of(DiscrepancyType.AMOUNT_MISMATCH, 1L, DiscrepancyType.MISSING_INTERNAL_RECORD, 1L),
            Map.of("USD", 6_050L),
            List.of(new RunSummary.Totals("USD", 30_000, 0, 36_050, 1_000)));

    @ParameterizedTest
    @CsvSource({"0,0,100.00", "1,1,100.00", "0,3,0.00", "2,3,66.66", "99999,100000,99.99", "999999,1000000,99.99"})
    void v47_matchedPercentIsOfAllRecordsAndHundredOnlyIfNothingDiffers(long matched, long records, String percent) {
        assertThat(MatchedPercent.of(matched, records)).isEqualTo(percent);
    }

    @Test
    void theJsonHasEveryTypeAlsoThoseThatWereNotFound() {
        var json = RunReport.json(new ObjectMapper(), PERIOD, summary);

        assertThat(json.at("/matchedPercent").asText()).isEqualTo("50.00");
        assertThat(json.get("discrepancies").size()).isEqualTo(6);
        assertThat(json.at("/discrepancies/AmountMismatch").asLong()).isEqualTo(1);
        assertThat(json.at("/discrepancies/CurrencyMismatch").asLong()).isZero();
        assertThat(json.at("/totalMismatch/0/amount").asText()).isEqualTo("60.50");
        assertThat(json.at("/totals/0/providerRefundedMinor").asLong()).isEqualTo(1_000);
    }

    @Test
    void theMarkdownIsTheSameForTheSameSummaryAndANameCannotBreakIt() {
        String text = RunReport.markdown("Mercy |\n# Hospital", PERIOD, summary);

        assertThat(text)
                .startsWith("# Billing reconciliation of Mercy # Hospital, 2026-03-01 to 2026-03-02\n")
                .contains(
                        "Matched: **50.00 %**",
                        "| AmountMismatch | 1 |", "- 60.50 USD", "| USD | 300.00 | 0.00 | 360.50 | 10.00 |");
        assertThat(RunReport.markdown("Mercy |\n# Hospital", PERIOD, summary)).isEqualTo(text);
    }

    @Test
    void aPeriodEndsOnOrAfterItsFirstDayAndIsNotLongerThanAQuarter() {
        LocalDate day = LocalDate.of(2026, 3, 1);
        assertThat(new Period(day, day.plusDays(92)).end()).isEqualTo(day.plusDays(92));
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> new Period(day, day.minusDays(1)));
        assertThatExceptionOfType(RuleViolation.class).isThrownBy(() -> new Period(day, day.plusDays(93)));
    }
}
