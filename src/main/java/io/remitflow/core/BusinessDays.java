package io.remitflow.core;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Month;
import java.time.temporal.TemporalAdjusters;
import java.util.Set;
import java.util.TreeSet;

/**
 * The days on which the Federal Reserve moves money: Monday to Friday without its holidays.
 *
 * <p>A holiday on a Sunday is observed on the Monday after it. One on a Saturday is not observed at all: unlike most
 * offices, the Reserve Banks are open on the Friday before it.
 */
public final class BusinessDays {

    private static final int JUNETEENTH_SINCE = 2021;

    private BusinessDays() {}

    public static boolean isBusinessDay(LocalDate date) {
        return date.getDayOfWeek() != DayOfWeek.SATURDAY
                && date.getDayOfWeek() != DayOfWeek.SUNDAY
                && !holidays(date.getYear()).contains(date);
    }

    /** The given number of business days after the date; a date that is none itself stays as it is for 0 days. */
    public static LocalDate after(LocalDate date, int businessDays) {
        if (businessDays < 0) {
            throw new IllegalArgumentException("business days are counted forward");
        }
        LocalDate day = date;
        for (int left = businessDays; left > 0; ) {
            day = day.plusDays(1);
            if (isBusinessDay(day)) {
                left--;
            }
        }
        return day;
    }

    /** How many business days lie after the first date, up to and including the last; the order does not matter. */
    public static int between(LocalDate first, LocalDate last) {
        if (last.isBefore(first)) {
            return between(last, first);
        }
        return (int) first.plusDays(1)
                .datesUntil(last.plusDays(1))
                .filter(BusinessDays::isBusinessDay)
                .count();
    }

    /** As observed on weekdays of the year. */
    public static Set<LocalDate> holidays(int year) {
        var days = new TreeSet<LocalDate>();
        observe(days, LocalDate.of(year, Month.JANUARY, 1));
        days.add(nth(year, Month.JANUARY, 3, DayOfWeek.MONDAY));
        days.add(nth(year, Month.FEBRUARY, 3, DayOfWeek.MONDAY));
        days.add(LocalDate.of(year, Month.MAY, 1).with(TemporalAdjusters.lastInMonth(DayOfWeek.MONDAY)));
        if (year >= JUNETEENTH_SINCE) {
            observe(days, LocalDate.of(year, Month.JUNE, 19));
        }
        observe(days, LocalDate.of(year, Month.JULY, 4));
        days.add(nth(year, Month.SEPTEMBER, 1, DayOfWeek.MONDAY));
        days.add(nth(year, Month.OCTOBER, 2, DayOfWeek.MONDAY));
        observe(days, LocalDate.of(year, Month.NOVEMBER, 11));
        days.add(nth(year, Month.NOVEMBER, 4, DayOfWeek.THURSDAY));
        observe(days, LocalDate.of(year, Month.DECEMBER, 25));
        return days;
    }

    private static void observe(Set<LocalDate> days, LocalDate holiday) {
        switch (holiday.getDayOfWeek()) {
            case SATURDAY -> {}
            case SUNDAY -> days.add(holiday.plusDays(1));
            default -> days.add(holiday);
        }
    }

    private static LocalDate nth(int year, Month month, int number, DayOfWeek day) {
        return LocalDate.of(year, month, 1).with(TemporalAdjusters.dayOfWeekInMonth(number, day));
    }
}
