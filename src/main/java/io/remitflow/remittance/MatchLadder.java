package io.remitflow.remittance;

import io.remitflow.core.BusinessDays;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which expected payment some money is: the ladder of domain rules 4.3, from certain to open.
 *
 * <p>Amounts are equal to the cent or they do not match. What is certain is matched, what is merely unique is suggested to
 * a person, what fits twice is left open and says so.
 */
final class MatchLadder {

    /** Payers release payment and remittance within so many business days of each other. */
    private static final int RELEASE_DAYS = 3;

    /** Up to a million subsets: decided in well under a second. More candidates are left to a person. */
    private static final int MOST_CANDIDATES = 20;

    /** Shorter ends of trace numbers are equal by chance. */
    private static final int SHORTEST_TRUNCATION = 6;

    private static final int SHORTEST_NAME = 4;
    private static final int TAX_ID_LENGTH = 10;

    private MatchLadder() {}

    /** The rungs. */
    enum Rule {
        /** Trace number, payer and amount are equal. */
        EXACT(true),
        /** The bank dropped zeros or cut the trace number; the payer is known by a name of it; amount equal. */
        OTHER_SPELLING(true),
        /** Same trace number and amount; the bank does not say whose money it is. */
        PAYER_NOT_NAMED(false),
        /** No common trace number, but the only payment of this payer, amount and week. */
        AMOUNT_AND_DATE(false),
        /** The only set of this payer's payments that adds up to the amount. */
        SUM_OF_SEVERAL(false),
        /** Same trace number, other amount. */
        AMOUNT_DIFFERS(true),
        OPEN(false);

        private final boolean certain;

        Rule(boolean certain) {
            this.certain = certain;
        }

        String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** @param coveredMinor what it counts for, a card processor's fee included */
    record Cash(String payerIdentifier, String payerHint, String traceNumber, long coveredMinor, LocalDate bankDate) {}

    /**
     * @param payerNames what the payer calls itself, and what banks were seen to call it
     * @param openMinor what has not arrived of it yet, may be zero
     */
    record Expected(
            UUID settlementId,
            String payerIdentifier,
            Set<String> payerNames,
            String traceNumber,
            long openMinor,
            @Nullable LocalDate paymentDate) {}

    /** @param evidence why, in words without protected content */
    record Match(Rule rule, List<UUID> settlements, String evidence) {

        /** Whether it is this payment without asking anybody; the amounts may still differ. */
        boolean certain() {
            return rule.certain;
        }

        boolean suggested() {
            return !rule.certain && rule != Rule.OPEN;
        }
    }

    /** All amounts in one currency. */
    static Match match(Cash cash, List<Expected> expected) {
        for (Expected payment : expected) {
            if (!cash.traceNumber().isEmpty()
                    && payment.traceNumber().equals(cash.traceNumber())
                    && sameIdentifier(cash, payment)) {
                return payment.openMinor() == cash.coveredMinor()
                        ? one(Rule.EXACT, payment, "Trace number, payer and amount are equal")
                        : one(Rule.AMOUNT_DIFFERS, payment, "Trace number and payer are equal, the amounts are not");
            }
        }
        Match spelling = byOtherSpelling(cash, expected);
        return spelling != null ? spelling : withoutTrace(cash, expected);
    }

    private static @Nullable Match byOtherSpelling(Cash cash, List<Expected> expected) {
        List<Expected> fitting = expected.stream()
                .filter(payment -> payment.openMinor() == cash.coveredMinor() && sameTrace(cash, payment))
                .toList();
        List<Expected> ofPayer = only(fitting, payment -> samePayer(cash, payment));
        if (ofPayer.size() == 1) {
            return one(
                    Rule.OTHER_SPELLING,
                    ofPayer.getFirst(),
                    "The bank wrote the trace number as %s; payer and amount are equal".formatted(cash.traceNumber()));
        }
        List<Expected> otherAmount = only(
                expected,
                payment -> payment.openMinor() != cash.coveredMinor()
                        && equalTrace(cash, payment)
                        && samePayer(cash, payment));
        if (ofPayer.isEmpty() && otherAmount.size() == 1) {
            return one(
                    Rule.AMOUNT_DIFFERS,
                    otherAmount.getFirst(),
                    "The bank wrote the trace number as %s; the payer is equal, the amounts are not"
                            .formatted(cash.traceNumber()));
        }
        if (ofPayer.isEmpty() && namesNobody(cash) && fitting.size() == 1) {
            return one(
                    Rule.PAYER_NOT_NAMED,
                    fitting.getFirst(),
                    "Trace number and amount are equal, but the bank does not name the payer");
        }
        return ofPayer.size() > 1 ? open("%d payments fit trace number and amount".formatted(ofPayer.size())) : null;
    }

    private static Match withoutTrace(Cash cash, List<Expected> expected) {
        List<Expected> near =
                only(expected, payment -> payment.openMinor() > 0 && inTime(cash, payment) && samePayer(cash, payment));
        List<Expected> equal = only(near, payment -> payment.openMinor() == cash.coveredMinor());
        if (equal.size() == 1) {
            return one(
                    Rule.AMOUNT_AND_DATE,
                    equal.getFirst(),
                    "The only payment of this payer with this amount within 3 business days");
        }
        if (equal.size() > 1) {
            return open("%d payments of this payer have this amount".formatted(equal.size()));
        }
        return sum(near, cash.coveredMinor());
    }

    /** The set of payments that adds up to the amount, if it is the only one. */
    static Match sum(List<Expected> candidates, long amountMinor) {
        List<Expected> smaller = candidates.stream()
                .filter(payment -> payment.openMinor() > 0 && payment.openMinor() <= amountMinor)
                .sorted(Comparator.comparingLong(Expected::openMinor).reversed())
                .toList();
        if (smaller.isEmpty()) {
            return open("No expected payment of this payer fits");
        }
        if (smaller.size() > MOST_CANDIDATES) {
            return open("%d payments of this payer could be part of it: too many to tell".formatted(smaller.size()));
        }
        var search = new Subsets(smaller);
        search.from(0, amountMinor);
        return switch (search.found.size()) {
            case 0 -> open("No payments of this payer add up to it");
            case 1 -> several(search.found.getFirst());
            default -> open("More than one set of payments adds up to it");
        };
    }

    private static Match several(List<Expected> payments) {
        return new Match(
                Rule.SUM_OF_SEVERAL,
                payments.stream().map(Expected::settlementId).toList(),
                "The only set of payments of this payer that adds up to the amount: %d".formatted(payments.size()));
    }

    /** Depth first, largest first; ends at the second solution. */
    private static final class Subsets {

        private final List<Expected> payments;
        private final long[] rest;
        private final List<Expected> chosen = new ArrayList<>();
        private final List<List<Expected>> found = new ArrayList<>();

        private Subsets(List<Expected> payments) {
            this.payments = payments;
            this.rest = new long[payments.size() + 1];
            for (int i = payments.size() - 1; i >= 0; i--) {
                rest[i] = Math.addExact(rest[i + 1], payments.get(i).openMinor());
            }
        }

        private void from(int index, long left) {
            if (left == 0) {
                found.add(List.copyOf(chosen));
                return;
            }
            if (index == payments.size() || left < 0 || left > rest[index] || found.size() > 1) {
                return;
            }
            chosen.add(payments.get(index));
            from(index + 1, left - payments.get(index).openMinor());
            chosen.removeLast();
            from(index + 1, left);
        }
    }

    private static boolean equalTrace(Cash cash, Expected payment) {
        String seen = TraceKey.of(cash.traceNumber());
        return !seen.isEmpty() && seen.equals(TraceKey.of(payment.traceNumber()));
    }

    /** Equal without leading zeros, or one of them cut off at either end. */
    private static boolean sameTrace(Cash cash, Expected payment) {
        String seen = TraceKey.of(cash.traceNumber());
        String told = TraceKey.of(payment.traceNumber());
        String shorter = seen.length() < told.length() ? seen : told;
        String longer = seen.length() < told.length() ? told : seen;
        return equalTrace(cash, payment)
                || shorter.length() >= SHORTEST_TRUNCATION && (longer.startsWith(shorter) || longer.endsWith(shorter));
    }

    private static boolean inTime(Cash cash, Expected payment) {
        LocalDate date = payment.paymentDate();
        return date != null && BusinessDays.between(date, cash.bankDate()) <= RELEASE_DAYS;
    }

    static boolean samePayer(Cash cash, Expected payment) {
        return sameIdentifier(cash, payment)
                || payment.payerNames().stream().anyMatch(name -> named(cash.payerHint(), name));
    }

    private static boolean sameIdentifier(Cash cash, Expected payment) {
        return !cash.payerIdentifier().isEmpty()
                && taxId(cash.payerIdentifier()).equals(taxId(payment.payerIdentifier()));
    }

    private static boolean namesNobody(Cash cash) {
        return cash.payerIdentifier().isEmpty() && cash.payerHint().isEmpty();
    }

    /** Banks shorten names and put other words around them. */
    private static boolean named(String hint, String name) {
        String seen = plain(hint);
        String known = plain(name);
        return known.length() >= SHORTEST_NAME && seen.contains(known)
                || seen.length() >= SHORTEST_TRUNCATION && known.startsWith(seen);
    }

    static String plain(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
    }

    /** TRN03 is a 1 and the tax id; some banks show the tax id only. */
    private static String taxId(String identifier) {
        return identifier.length() == TAX_ID_LENGTH && identifier.startsWith("1")
                ? identifier.substring(1)
                : identifier;
    }

    private static List<Expected> only(List<Expected> payments, Predicate<Expected> condition) {
        return payments.stream().filter(condition).toList();
    }

    private static Match one(Rule rule, Expected payment, String evidence) {
        return new Match(rule, List.of(payment.settlementId()), evidence);
    }

    private static Match open(String evidence) {
        return new Match(Rule.OPEN, List.of(), evidence);
    }
}
