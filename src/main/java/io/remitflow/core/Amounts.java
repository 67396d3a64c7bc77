package io.remitflow.core;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/** Between minor units (cents, dong), {@link Money} and what people read and write. Exact; never rounds. */
public final class Amounts {

    private static final int LONGEST = 30;
    private static final Pattern PLAIN = Pattern.compile("[+-]?(?:[0-9]{1,15}(?:\\.[0-9]*)?|\\.[0-9]+)");

    private Amounts() {}

    public static Money ofMinor(long amountMinor, String currency) {
        return Money.ofMinor(CurrencyUnit.of(currency), amountMinor);
    }

    public static Money zero(String currency) {
        return Money.zero(CurrencyUnit.of(currency));
    }

    /** "1,234.50", "-40.00", for VND "2,220,000": thousands separated, as many decimals as the currency has. */
    public static String format(long amountMinor, String currency) {
        int decimals = CurrencyUnit.of(currency).getDecimalPlaces();
        var format = new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.US));
        format.setMinimumFractionDigits(decimals);
        format.setMaximumFractionDigits(decimals);
        return format.format(BigDecimal.valueOf(amountMinor, decimals));
    }

    public static String format(Money amount) {
        return format(amount.getAmountMinorLong(), amount.getCurrencyUnit().getCode());
    }

    /**
     * Reads a plain decimal such as {@code 12.5} or {@code -40.00}.
     *
     * @throws RuleViolation ({@link Refusal#INVALID_INPUT}) if it is not a number, or has more decimals than the currency or
     *     more digits than any amount of money
     */
    public static Money parse(String text, String currency) {
        String plain = text.strip();
        try {
            if (isPlain(plain)) {
                return Money.of(CurrencyUnit.of(currency), new BigDecimal(plain), RoundingMode.UNNECESSARY);
            }
        } catch (ArithmeticException e) {
            // Too many decimals: said below.
        }
        String shown = plain.length() > LONGEST ? plain.substring(0, LONGEST) + "…" : plain;
        throw new RuleViolation(Refusal.INVALID_INPUT, "'%s' is not an amount in %s".formatted(shown, currency));
    }

    /** A decimal without an exponent, whose few characters could stand for more digits than a machine can write. */
    public static boolean isPlain(String text) {
        return text.length() <= LONGEST && PLAIN.matcher(text).matches();
    }

    /** One sum for each currency, in the order in which they first appear. */
    public static List<Money> sums(Stream<Money> amounts) {
        Map<CurrencyUnit, Money> sums = new LinkedHashMap<>();
        amounts.forEach(amount -> sums.merge(amount.getCurrencyUnit(), amount, Money::plus));
        return List.copyOf(sums.values());
    }
}
