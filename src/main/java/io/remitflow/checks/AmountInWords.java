package io.remitflow.checks;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads "One thousand two hundred thirty-four and 56/100", the amount on a check that counts. */
final class AmountInWords {

    private static final Pattern CENTS = Pattern.compile("\\b(no|xx|[0-9]{1,2}) ?/ ?(?:100|xx)\\b");
    private static final Map<String, Long> NUMBERS = new HashMap<>();
    private static final Map<String, Long> SCALES = Map.of("thousand", 1_000L, "million", 1_000_000L);

    static {
        String[] small = {
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen"
        };
        for (int i = 0; i < small.length; i++) {
            NUMBERS.put(small[i], (long) i);
        }
        String[] tens = {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
        for (int i = 0; i < tens.length; i++) {
            NUMBERS.put(tens[i], 10L * (i + 2));
        }
        NUMBERS.put("fourty", 40L);
    }

    private AmountInWords() {}

    /** Empty if a word of it is none of a number: then a person reads it. */
    static Optional<BigDecimal> parse(String text) {
        String words = text.toLowerCase(Locale.ROOT).replace('*', ' ');
        long cents = 0;
        Matcher fraction = CENTS.matcher(words);
        if (fraction.find()) {
            cents = Character.isDigit(fraction.group(1).charAt(0)) ? Long.parseLong(fraction.group(1)) : 0;
            words = words.substring(0, fraction.start());
        }
        long total = 0;
        long group = 0;
        boolean any = false;
        for (String word : words.split("[^a-z0-9]+")) {
            Long number = NUMBERS.get(word);
            Long scale = SCALES.get(word);
            if (number != null) {
                group += number;
                any = true;
            } else if (word.equals("hundred")) {
                group *= 100;
            } else if (scale != null) {
                total += group * scale;
                group = 0;
            } else if (!word.isEmpty() && !word.equals("and") && !word.startsWith("dollar") && !word.equals("only")) {
                return Optional.empty();
            }
        }
        return any ? Optional.of(BigDecimal.valueOf((total + group) * 100 + cents, 2)) : Optional.empty();
    }
}
