package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraRejected.Reason;
import java.math.BigDecimal;
import java.util.function.Supplier;

/**
 * Decimal numbers as X12 writes them, exactly: digits with at most one point and a leading minus.
 *
 * <p>No exponent, no thousands separator, no plus, no minus zero, no more decimals than the currency has.
 */
final class AmountText {

    /** Up to 999,999,999,999.99; the guide allows eight digits before the point. */
    private static final int INTEGER_DIGITS = 12;

    private static final int DECIMALS = 2;
    private static final int QUANTITY_DECIMALS = 3;

    private AmountText() {}

    static long minor(String text, String name, Supplier<EraPosition> position) {
        int length = text.length();
        int at = length > 0 && text.charAt(0) == '-' ? 1 : 0;
        boolean negative = at == 1;
        long value = 0;
        int integers = 0;
        int decimals = -1;
        int digits = 0;
        for (; at < length; at++) {
            char c = text.charAt(at);
            if (c == '.' && decimals < 0) {
                decimals = 0;
                continue;
            }
            if (c < '0' || c > '9') {
                throw wrong(text, name, position, "is not a number");
            }
            digits++;
            if (decimals >= 0 && ++decimals > DECIMALS) {
                throw wrong(text, name, position, "has more than two decimals");
            }
            if (decimals < 0 && (value > 0 || c != '0') && ++integers > INTEGER_DIGITS) {
                throw wrong(text, name, position, "is too large");
            }
            value = value * 10 + (c - '0');
        }
        if (digits == 0 || decimals == 0) {
            throw wrong(text, name, position, "is not a number");
        }
        for (int i = Math.max(decimals, 0); i < DECIMALS; i++) {
            value *= 10;
        }
        if (negative && value == 0) {
            throw wrong(text, name, position, "is a minus zero");
        }
        return negative ? -value : value;
    }

    static BigDecimal quantity(String text, String name, Supplier<EraPosition> position) {
        boolean plain = true;
        int digits = 0;
        int points = 0;
        int integers = 0;
        int decimals = 0;
        for (int i = 0; i < text.length() && plain; i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
                decimals += points;
                integers += points == 0 && (integers > 0 || c != '0') ? 1 : 0;
            } else if (c == '.') {
                points++;
            } else if (c != '-' || i > 0) {
                plain = false;
            }
        }
        if (!plain || digits == 0 || points > 1 || text.endsWith(".")) {
            throw wrongQuantity(text, name, position, "is not a number");
        }
        if (integers > INTEGER_DIGITS) {
            throw wrongQuantity(text, name, position, "is too large");
        }
        if (decimals > QUANTITY_DECIMALS) {
            throw wrongQuantity(text, name, position, "has more than three decimals");
        }
        return new BigDecimal(text);
    }

    private static EraRejected wrongQuantity(String text, String name, Supplier<EraPosition> position, String what) {
        return new EraRejected(Reason.WRONG_QUANTITY, position.get(), "%s %s %s".formatted(name, shown(text), what));
    }

    private static EraRejected wrong(String text, String name, Supplier<EraPosition> position, String what) {
        return new EraRejected(Reason.WRONG_AMOUNT, position.get(), "%s %s %s".formatted(name, shown(text), what));
    }

    /** Where an amount belongs there may be a name, if elements are shifted: only what looks like a number is shown. */
    private static String shown(String text) {
        boolean looksLikeNumber =
                !text.isEmpty() && text.length() <= 20 && text.matches("[0-9.,+-]+[A-Za-z]?[0-9.,+-]*");
        return looksLikeNumber ? "'%s'".formatted(text) : "(%d characters)".formatted(text.length());
    }
}
