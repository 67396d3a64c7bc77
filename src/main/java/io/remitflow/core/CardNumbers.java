package io.remitflow.core;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Card and social security numbers that somebody wrote where only words belong. They are never kept.
 *
 * <p>A claim number may look like a card number, and is one in ten times as well formed: where numbers belong, those that are
 * known stay (decision 96).
 */
public final class CardNumbers {

    private static final String MASK = "[number removed]";
    private static final String ENDING = "[number ending %s]";

    private static final String UUID_GROUPS = "\\p{XDigit}{8}-(?:\\p{XDigit}{4}-){3}\\p{XDigit}{12}|";

    /** Digits however they are grouped; they are checked afterwards. The groups of a UUID are passed over. */
    private static final Pattern DIGITS =
            Pattern.compile(UUID_GROUPS + "(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])");

    /** Digits as cards show them, also with other numbers right before or behind. */
    private static final Pattern CARD_GROUPS = Pattern.compile(
            UUID_GROUPS
                    + "(?<![0-9])(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\\1[0-9]{4}\\1[0-9]{1,7}|[0-9]{4}([ -])[0-9]{6}\\2[0-9]{4,5})(?![0-9])");

    private static final int UUID_LENGTH = 36;
    private static final int SHORTEST = 11;

    private static final Pattern SOCIAL_SECURITY =
            Pattern.compile("(?<![0-9-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9-])");

    private CardNumbers() {}

    public static boolean isIn(String text) {
        return !withoutCards(text, number -> MASK).equals(text);
    }

    /**
     * Of what a person writes and can write again; null is nothing.
     *
     * @throws RuleViolation {@link Refusal#INVALID_INPUT} if there is a card number in it
     */
    public static void requireNoneIn(@Nullable String text) {
        if (text != null && isIn(text)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a card number must not be written into a text; say it without");
        }
    }

    /** The text without card and social security numbers. */
    public static String removedFrom(String text) {
        return text.length() < SHORTEST
                ? text
                : SOCIAL_SECURITY.matcher(withoutCards(text, number -> MASK)).replaceAll(MASK);
    }

    /**
     * A reference in which cards show their last four digits only, as on a receipt: equal ones stay equal.
     *
     * @param known whether a number, as it is written, is one that we know as something else
     */
    public static String shortenedIn(String reference, Predicate<String> known) {
        String withoutCards = withoutCards(
                reference,
                number -> known.test(number) ? number : ENDING.formatted(number.substring(number.length() - 4)));
        return SOCIAL_SECURITY.matcher(withoutCards).replaceAll(MASK);
    }

    private static String withoutCards(String text, UnaryOperator<String> replacement) {
        String inOneRun = DIGITS.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        isCard(found.group()) ? replacement.apply(found.group()) : found.group()));
        var result = new StringBuilder();
        var groups = CARD_GROUPS.matcher(inOneRun);
        int copied = 0;
        int from = 0;
        while (groups.find(from)) {
            String found = groups.group();
            boolean card = isCard(found);
            if (card) {
                result.append(inOneRun, copied, groups.start()).append(replacement.apply(found));
                copied = groups.end();
            }
            // What is no card may begin with a number of another kind.
            from = card || found.length() == UUID_LENGTH ? groups.end() : groups.start() + 1;
        }
        return result.append(inOneRun, copied, inOneRun.length()).toString();
    }

    private static boolean isCard(String found) {
        String digits = found.replaceAll("[ -]", "");
        return isIssued(digits) && hasCheckDigit(digits);
    }

    /** Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay. */
    private static boolean isIssued(String digits) {
        return digits.matches("4\\d{12}(\\d{3}){0,2}"
                + "|(5[1-5]\\d\\d|2(22[1-9]|2[3-9]\\d|[3-6]\\d\\d|7[01]\\d|720))\\d{12}"
                + "|3[47]\\d{13}"
                + "|(6011\\d{2}|64[4-9]\\d{3}|65\\d{4})\\d{10,13}"
                + "|(30[0-5]\\d|3[68]\\d{2})\\d{10,15}"
                + "|35\\d{14}"
                + "|62\\d{14,17}");
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
