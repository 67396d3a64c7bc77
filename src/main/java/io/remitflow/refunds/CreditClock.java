package io.remitflow.refunds;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Until when a credit must be back with its owner.
 *
 * <p>For Medicare money 42 CFR 401.305 gives 60 days from the day it was identified. While a timely investigation runs the
 * clock stands still, at most until 180 days after identification; afterwards the days that were left run on.
 *
 * @param days from identification, without any investigation
 * @param suspendedForDays from identification: how long an investigation can hold the clock; 0 where it cannot
 */
public record CreditClock(LocalDate identifiedOn, int days, int suspendedForDays) {

    static final int MEDICARE_DAYS = 60;
    static final int MEDICARE_SUSPENSION_DAYS = 180;

    static CreditClock ofMedicare(LocalDate identifiedOn) {
        return new CreditClock(identifiedOn, MEDICARE_DAYS, MEDICARE_SUSPENSION_DAYS);
    }

    /** No investigation holds this one. */
    static CreditClock of(LocalDate identifiedOn, int days) {
        return new CreditClock(identifiedOn, days, 0);
    }

    /** @param concludedOn null while it runs */
    public record Investigation(
            LocalDate openedOn, @Nullable LocalDate concludedOn) {}

    /**
     * @param dueOn the last day; while the clock stands still, the one it would be if the investigation used all its time
     * @param suspendedUntil the first day on which the clock runs again regardless; null if it is not held
     * @param runningDaysLeft what is left to run once it is no longer held
     */
    public record Deadline(LocalDate dueOn, @Nullable LocalDate suspendedUntil, long runningDaysLeft) {

        public boolean isSuspended(LocalDate today) {
            return suspendedUntil != null && today.isBefore(suspendedUntil);
        }

        /** Negative: it has passed. */
        public long daysLeft(LocalDate today) {
            return isSuspended(today) ? runningDaysLeft : ChronoUnit.DAYS.between(today, dueOn);
        }
    }

    /** An investigation that began after the deadline was too late to hold it. */
    public Deadline deadline(List<Investigation> investigations) {
        LocalDate limit = identifiedOn.plusDays(suspendedForDays);
        LocalDate due = identifiedOn.plusDays(days);
        LocalDate suspendedUntil = null;
        long left = days;
        List<Investigation> inOrder = investigations.stream()
                .sorted(Comparator.comparing(Investigation::openedOn))
                .toList();
        for (Investigation investigation : inOrder) {
            LocalDate from = investigation.openedOn();
            if (from.isAfter(due) || !from.isBefore(limit)) {
                continue;
            }
            LocalDate concluded = investigation.concludedOn();
            LocalDate until = concluded == null || concluded.isAfter(limit) ? limit : concluded;
            if (concluded == null) {
                suspendedUntil = limit;
                left = ChronoUnit.DAYS.between(from, due);
            }
            due = due.plusDays(ChronoUnit.DAYS.between(from, until));
        }
        return new Deadline(due, suspendedUntil, left);
    }
}
