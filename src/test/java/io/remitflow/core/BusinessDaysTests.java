package io.remitflow.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BusinessDaysTests {

    /** The calendar that the Federal Reserve publishes for 2026. */
    @Test
    void theHolidaysOf2026AreThoseTheFederalReservePublishes() {
        assertThat(BusinessDays.holidays(2026))
                .extracting(LocalDate::toString)
                .containsExactly(
                        "2026-01-01",
                        "2026-01-19",
                        "2026-02-16",
                        "2026-05-25",
                        "2026-06-19",
                        "2026-09-07",
                        "2026-10-12",
                        "2026-11-11",
                        "2026-11-26",
                        "2026-12-25");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2023-01-02", "2027-07-05", "2022-06-20", "2022-12-26", "2029-11-12"})
    void aHolidayOnASundayIsObservedOnTheMonday(LocalDate monday) {
        assertThat(BusinessDays.isBusinessDay(monday)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-07-03", "2021-12-31", "2023-11-10", "2027-06-18", "2027-12-24"})
    void theFridayBeforeAHolidayOnASaturdayIsABusinessDay(LocalDate friday) {
        assertThat(BusinessDays.isBusinessDay(friday)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-20, 0, 2026-11-20",
        "2026-11-20, 1, 2026-11-23",
        "2026-11-21, 0, 2026-11-21",
        "2026-11-21, 1, 2026-11-23",
        "2026-11-24, 3, 2026-11-30",
        "2026-12-24, 4, 2026-12-31",
        "2026-12-31, 1, 2027-01-04"
    })
    void countsForwardOverWeekendsAndHolidays(LocalDate from, int days, LocalDate expected) {
        assertThat(BusinessDays.after(from, days)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-20, 2026-11-20, 0",
        "2026-11-20, 2026-11-22, 0",
        "2026-11-20, 2026-11-23, 1",
        "2026-11-25, 2026-11-27, 1",
        "2026-11-30, 2026-11-25, 2"
    })
    void countsTheBusinessDaysBetweenTwoDates(LocalDate first, LocalDate last, int expected) {
        assertThat(BusinessDays.between(first, last)).isEqualTo(expected);
    }

    @Test
    void countingBackIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> BusinessDays.after(LocalDate.of(2026, 1, 5), -1));
    }
}
