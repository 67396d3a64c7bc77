package io.remitflow.bank.feed;

import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.joda.money.CurrencyUnit;
import org.joda.money.IllegalCurrencyException;

/** Amounts as files write them, to minor units: exact or refused, never rounded, never a floating-point number. */
final class FileAmounts {

    /** Larger ones are errors of the file. */
    private static final long LIMIT_MINOR = 1_000_000_000_000_000L;

    private static final Pattern MINOR = Pattern.compile("[+-]?\\d{1,18}");
    private static final Pattern POINT = Pattern.compile("[+-]?(\\d{1,15}(\\.\\d{0,6})?|\\.\\d{1,6})");
    private static final Pattern COMMA = Pattern.compile("\\d{1,15},\\d{0,6}");
    private static final Pattern GROUPED_POINT =
            Pattern.compile("\\d{1,15}(\\.\\d{1,6})?|\\d{1,3}(,\\d{3}){1,4}(\\.\\d{1,6})?|\\.\\d{1,6}");
    private static final Pattern GROUPED_COMMA =
            Pattern.compile("\\d{1,15}(,\\d{1,6})?|\\d{1,3}([. ]\\d{3}){1,4}(,\\d{1,6})?|,\\d{1,6}");
    private static final Pattern SYMBOL = Pattern.compile("[$€£¥₫]");

    private FileAmounts() {}

    /** Minor units without a decimal point, as BAI2 writes them. */
    static long minor(String text, String place) {
        if (!MINOR.matcher(text).matches() || negativeZero(text)) {
            throw wrong(text, place);
        }
        return within(Long.parseLong(text), text, place);
    }

    /** "-1234.50", as OFX and CAMT write them. */
    static long point(String text, String currency, String place) {
        if (!POINT.matcher(text).matches()) {
            throw wrong(text, place);
        }
        return exact(text, currency, place);
    }

    /** "1234,50" or "1234,", as MT940 writes them: without a sign, always with a comma. */
    static long comma(String text, String currency, String place) {
        if (!COMMA.matcher(text).matches()) {
            throw wrong(text, place);
        }
        return exact(text.replace(',', '.'), currency, place);
    }

    /** "-$1,234.50", "(1.234,50)", "1.234,50-", as people's bank portals write them. */
    static long written(String text, boolean decimalComma, String currency, String place) {
        String plain =
                SYMBOL.matcher(text).replaceAll("").replace('\u00a0', ' ').strip();
        boolean negative = false;
        if (plain.startsWith("(") && plain.endsWith(")")) {
            negative = true;
            plain = plain.substring(1, plain.length() - 1);
        } else if (plain.startsWith("-") || plain.startsWith("+")) {
            negative = plain.startsWith("-");
            plain = plain.substring(1);
        } else if (plain.endsWith("-")) {
            negative = true;
            plain = plain.substring(0, plain.length() - 1);
        }
        plain = plain.strip();
        if (!(decimalComma ? GROUPED_COMMA : GROUPED_POINT).matcher(plain).matches()) {
            throw wrong(text, place);
        }
        String number =
                decimalComma ? plain.replace(".", "").replace(" ", "").replace(',', '.') : plain.replace(",", "");
        return exact(negative ? "-" + number : number, currency, place);
    }

    static String currency(String code, String place) {
        try {
            return CurrencyUnit.of(code).getCode();
        } catch (IllegalCurrencyException e) {
            throw new StatementRejected(Reason.WRONG_CURRENCY, "'%s' is not a currency".formatted(code), place);
        }
    }

    private static long exact(String text, String currency, String place) {
        if (negativeZero(text)) {
            throw wrong(text, place);
        }
        int decimals = CurrencyUnit.of(currency).getDecimalPlaces();
        try {
            return within(new BigDecimal(text).movePointRight(decimals).longValueExact(), text, place);
        } catch (ArithmeticException e) {
            throw new StatementRejected(
                    Reason.WRONG_AMOUNT, "'%s' has more decimals than %s has".formatted(text, currency), place);
        }
    }

    private static boolean negativeZero(String text) {
        return text.startsWith("-") && text.chars().noneMatch(c -> c >= '1' && c <= '9');
    }

    private static long within(long minor, String text, String place) {
        if (Math.abs(minor) >= LIMIT_MINOR) {
            throw wrong(text, place);
        }
        return minor;
    }

    private static StatementRejected wrong(String text, String place) {
        return new StatementRejected(
                Reason.WRONG_AMOUNT,
                text.isBlank() ? "An amount is missing" : "'%s' is not an amount".formatted(FileText.shown(text)),
                place);
    }
}
