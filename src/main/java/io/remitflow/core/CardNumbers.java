package io.remitflow.core;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Card and social security numbers that somebody wrote where only words belong. They are never kept.
 *
 * <p>For words only: a claim number may look like a card number, and is one in ten times as well formed.
 */
public final class CardNumbers {

    private static final String MASK = "[number removed]";

    /** Groups of digits as cards show them; the digits are checked afterwards. The groups of a UUID are passed over. */
    private static final Pattern DIGITS = Pattern.compile(
            "\\p{XDigit}{8}-(?:\\p{XDigit}{4}-){3}\\p{XDigit}{12}|(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])");

    private static final Pattern SOCIAL_SECURITY =
            Pattern.compile("(?<![0-9-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9-])");

    private CardNumbers() {}

    public static boolean isIn(String text) {
        return DIGITS.matcher(text).results().anyMatch(CardNumbers::isCard);
    }

    /** The text without card and social security numbers. */
    public static String removedFrom(String text) {
        String withoutCards = DIGITS.matcher(text).replaceAll(found -> isCard(found) ? MASK : found.group());
        return SOCIAL_SECURITY.matcher(withoutCards).replaceAll(MASK);
    }

    private static boolean isCard(MatchResult found) {
        String digits = found.group().replaceAll("[ -]", "");
        return isIssued(digits) && hasCheckDigit(digits);
    }

    /** Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay. */
    private static boolean isIssued(String digits) {
        return digits.matches("4\\d{12}(\\d{3}){0,2}|(5[1-5]|2[2-7])\\d{14}|3[47]\\d{13}|6(011|4[4-9]|5)\\d{12,15}"
                + "|3(0[0-5]|[68])\\d{11,16}|35\\d{14}|62\\d{14,17}");
    }

    private static boolean hasCheckDigit(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int counted = i % 2 == 0 ? digit : 2 * digit;
            sum += counted > 9 ? counted - 9 : counted;
        }
        return sum % 10 == 0;
    }
}
