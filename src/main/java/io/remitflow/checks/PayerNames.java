package io.remitflow.checks;

import io.remitflow.checks.PayerMatch.Outcome;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the facilities of a payer by the name on its check.
 *
 * <p>Capitals, accents, punctuation and spacing do not matter, words do. A rule without {@code *} says the whole name and
 * so beats rules with it; if the rules that remain do not say the same, the payer is ambiguous.
 */
final class PayerNames {

    private PayerNames() {}

    static PayerMatch match(String name, List<PayerRule> rules) {
        String plain = plain(name);
        List<PayerRule> fitting = plain.isEmpty()
                ? List.of()
                : rules.stream().filter(rule -> fits(rule.pattern(), plain)).toList();
        List<PayerRule> whole =
                fitting.stream().filter(rule -> !rule.pattern().contains("*")).toList();
        List<PayerRule> deciding = whole.isEmpty() ? fitting : whole;
        if (deciding.isEmpty()) {
            return new PayerMatch(Outcome.UNRECOGNIZED, false, Set.of(), List.of());
        }
        PayerRule first = deciding.get(0);
        boolean same = deciding.stream()
                .allMatch(rule -> rule.coversAll() == first.coversAll()
                        && rule.facilities().equals(first.facilities()));
        return same
                ? new PayerMatch(Outcome.RECOGNIZED, first.coversAll(), first.facilities(), deciding)
                : new PayerMatch(Outcome.AMBIGUOUS, false, Set.of(), deciding);
    }

    /** Whether a pattern says anything besides {@code *}. */
    static boolean isSound(String pattern) {
        return plain(pattern.replace('*', ' ')).length() >= 3;
    }

    /** What two names have in common that are the same to us. */
    static String plain(String name) {
        String letters = Normalizer.normalize(name, Normalizer.Form.NFKD).replaceAll("\\p{M}", "");
        return letters.toLowerCase(Locale.ROOT)
                .replace("&", " and ")
                .replaceAll("[^\\p{L}\\p{N}]+", " ")
                .strip();
    }

    /** Without regular expressions: a pattern with many {@code *} must not take long on a long name. */
    private static boolean fits(String pattern, String plainName) {
        String[] parts = pattern.split("\\*", -1);
        if (parts.length == 1) {
            return plain(pattern).equals(plainName);
        }
        int from = 0;
        for (int i = 0; i < parts.length; i++) {
            String part = plain(parts[i]);
            if (i == parts.length - 1) {
                return plainName.length() - from >= part.length() && plainName.endsWith(part);
            }
            int at = plainName.indexOf(part, from);
            if (at < 0 || (i == 0 && at > 0)) {
                return false;
            }
            from = at + part.length();
        }
        return true;
    }
}
