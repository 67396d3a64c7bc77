package io.remitflow.reconciliation;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;

/** Days in the time zone of the organization, both inclusive. */
public record Period(LocalDate start, LocalDate end) {

    /** A run is one transaction; whoever wants more asks for several. */
    private static final int MAX_DAYS = 92;

    public Period {
        if (end.isBefore(start) || start.plusDays(MAX_DAYS).isBefore(end)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a period ends on or after its first day and has at most 93 days");
        }
    }

    public static Period of(LocalDate day) {
        return new Period(day, day);
    }

    @Override
    public String toString() {
        return start.equals(end) ? start.toString() : start + " to " + end;
    }
}
