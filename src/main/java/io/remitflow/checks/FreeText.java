package io.remitflow.checks;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Words read from paper, without what must never be kept: card numbers, the bank line at the foot of a check, and social
 * security numbers.
 *
 * <p>Rather a word too many is removed than a digit too few: a virtual card is paid by whoever reads its number.
 */
final class FreeText {

    static final String MASK = "[number removed]";

    private static final int MAX_LENGTH = 500;

    /** Digits in groups as people write them; the check digits are tested afterwards. */
    private static final Pattern CARD_RUN =
            Pattern.compile("(?<![0-9])[0-9](?:[ .\\u2010-\\u2015-]{0,2}[0-9]){12,}(?![0-9])");

    /** Groups with the same between them, whatever it is: a date beside a number has something else. */
    private static final Pattern GROUPED = Pattern.compile("(?<![0-9])[0-9]{1,6}"
            + "([ ./\\\\\\p{Pd}\\p{Pc}\\p{Cf}\\u00B7\\u2022\\u2212]{1,12})"
            + "[0-9]{1,6}(?:\\1[0-9]{1,6})+(?![0-9])");

    private static final Pattern OTHER_DIGITS = Pattern.compile("[\\p{Nd}&&[^0-9]]");
    private static final Pattern INVISIBLE = Pattern.compile("(?<=[0-9])\\p{Cf}+(?=[0-9])");

    /** The four E-13B symbols, and digits around them. */
    private static final Pattern BANK_LINE_SYMBOLS =
            Pattern.compile("[0-9 -]*[\\u2446-\\u2449](?:[0-9 \\u2446-\\u2449-]*[0-9\\u2446-\\u2449])?");

    /** The symbols as text layers spell them: A or |: around the transit number, C or || around the account. */
    private static final Pattern BANK_LINE_LETTERS = Pattern.compile(
            "(?i)(?:[CU|<:\"]{1,2} ?[0-9 -]{2,17} ?[CU|<:\"]{1,2} ?)?[AT|:]{1,2} ?[0-9]{9} ?[AT|:]{1,2}(?: ?[0-9][0-9 -]{2,20})?(?: ?[CUD|<:\"]{1,2})?(?: ?[0-9]{2,10})?");

    /** The account with the hospital has fewer digits than one with a bank. */
    private static final Pattern LABELLED = Pattern.compile("(?i)\\b(?:"
            + "(?:routing|transit|aba|rtn|iban|card|pan)(?:[ .:#]*(?:no|nr|num|number|transit))*[ .:#=]*[A-Z]{0,2}[0-9](?:[ -]?[0-9]){3,}"
            + "|(?:account|acct|a/c)(?:[ .:#]*(?:no|nr|num|number))*[ .:#=]*[0-9](?:[ -]?[0-9]){7,})");

    /** Of people, as it is written: three, two and four digits. */
    private static final Pattern SOCIAL_SECURITY = Pattern.compile(
            "(?i)\\b(?:ssn|social security)(?:[ .:#]*(?:no|nr|num|number))*[ .:#=]*[0-9](?:[ -]?[0-9]){8}(?![0-9])"
                    + "|(?<![0-9-])[0-9]{3}([ \\p{Pd}])[0-9]{2}\\1[0-9]{4}(?![0-9-])");

    private static final Pattern NINE_DIGITS =
            Pattern.compile("(?<![0-9])[0-9]{9}(?![0-9])(?:[ ]{1,4}[0-9]{4,17}(?![0-9]))?");

    private FreeText() {}

    /** Null and blank stay null. */
    static @Nullable String cleanOrNull(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        return clean(text);
    }

    /** Until nothing is left to remove: what goes may have hidden the label of a number behind it. */
    static String clean(String text) {
        String before;
        String after = text;
        do {
            before = after;
            after = cleanOnce(before);
        } while (!after.equals(before));
        return after;
    }

    private static String cleanOnce(String text) {
        String line = plainDigits(text.replaceAll("\\p{Cntrl}+", " ")).strip();
        line = BANK_LINE_SYMBOLS.matcher(line).replaceAll(found -> hasDigits(found) ? MASK : found.group());
        line = BANK_LINE_LETTERS.matcher(line).replaceAll(MASK);
        line = LABELLED.matcher(line).replaceAll(MASK);
        line = SOCIAL_SECURITY.matcher(line).replaceAll(MASK);
        line = withoutCards(CARD_RUN, line);
        line = withoutCards(GROUPED, line);
        line = NINE_DIGITS.matcher(line).replaceAll(found -> isOfADistrict(digits(found)) ? MASK : found.group());
        line = line.strip();
        return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH);
    }

    private static String withoutCards(Pattern digits, String line) {
        return digits.matcher(line)
                .replaceAll(found -> Matcher.quoteReplacement(holdsCard(found.group()) ? MASK : found.group()));
    }

    /** Full-width and other digits as ours, every kind of space as one, and nothing invisible inside a number. */
    private static String plainDigits(String text) {
        String line = OTHER_DIGITS
                .matcher(text)
                .replaceAll(
                        found -> Integer.toString(Character.digit(found.group().codePointAt(0), 10)));
        return INVISIBLE.matcher(line).replaceAll("").replaceAll("\\p{Z}", " ");
    }

    private static boolean hasDigits(MatchResult found) {
        return found.group().chars().anyMatch(Character::isDigit);
    }

    private static String digits(MatchResult found) {
        return found.group().replaceAll("[^0-9]", "");
    }

    /** Whole groups only, since every long number holds a card number somewhere; but all of a group that is too long. */
    private static boolean holdsCard(String run) {
        String[] groups = run.split("[^0-9]+");
        for (int first = 0; first < groups.length; first++) {
            var digits = new StringBuilder();
            for (int last = first; last < groups.length && digits.length() <= 19; last++) {
                digits.append(groups[last]);
                if (digits.length() >= 13 && digits.length() <= 19 && hasCheckDigit(digits)) {
                    return true;
                }
            }
            if (groups[first].length() > 19 && holdsCardAnywhere(groups[first])) {
                return true;
            }
        }
        return false;
    }

    private static boolean holdsCardAnywhere(String digits) {
        for (int length = 13; length <= 19; length++) {
            for (int start = 0; start + length <= digits.length(); start++) {
                if (hasCheckDigit(digits.substring(start, start + length))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasCheckDigit(CharSequence digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int counted = i % 2 == 0 ? digit : 2 * digit;
            sum += counted > 9 ? counted - 9 : counted;
        }
        return sum % 10 == 0;
    }

    /** The first nine digits are a transit number: a district of the Federal Reserve, and the check digit holds. */
    private static boolean isOfADistrict(String digits) {
        int district = Integer.parseInt(digits.substring(0, 2));
        boolean issued = (district >= 1 && district <= 12)
                || (district >= 21 && district <= 32)
                || (district >= 61 && district <= 72)
                || district == 80;
        int[] weights = {3, 7, 1};
        int sum = 0;
        for (int i = 0; i < 9; i++) {
            sum += (digits.charAt(i) - '0') * weights[i % 3];
        }
        return issued && sum % 10 == 0;
    }
}
