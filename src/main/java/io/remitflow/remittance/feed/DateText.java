package io.remitflow.remittance.feed;

import java.time.DateTimeException;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** Dates as X12 writes them. */
final class DateText {

    private DateText() {}

    /** Reads CCYYMMDD; null for anything else, also for days that do not exist. */
    static @Nullable LocalDate parse(String text) {
        if (text.length() != 8) {
            return null;
        }
        int number = 0;
        for (int i = 0; i < 8; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            number = number * 10 + digit;
        }
        try {
            return LocalDate.of(number / 10_000, number / 100 % 100, number % 100);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Reads the YYMMDD of an ISA, in the century from 1970. */
    static @Nullable LocalDate parseShort(String text) {
        if (text.length() != 6) {
            return null;
        }
        return parse((text.compareTo("70") >= 0 ? "19" : "20") + text);
    }
}
