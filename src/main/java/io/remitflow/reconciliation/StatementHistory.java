package io.remitflow.reconciliation;

import io.remitflow.core.Amounts;
import io.remitflow.reconciliation.BankFigureRows.Day;
import io.remitflow.reconciliation.BankFigureRows.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the statements of an account say together: the balance of every day, from the first balance they state and all
 * movements since, against each balance they state. Files that overlap are no gap.
 */
final class StatementHistory {

    private static final Pattern NUMBER = Pattern.compile("(\\d{1,9})(/\\d+)?");

    private final String currency;
    private final List<Statement> statements;
    private final List<Day> days;
    private final LocalDate base;
    private final long atBase;
    private final TreeMap<LocalDate, Long> balances = new TreeMap<>();

    /** @param statements by their first day; at least one states a balance */
    StatementHistory(String currency, List<Statement> statements, List<Day> days) {
        this.currency = currency;
        this.statements = statements;
        this.days = days;
        Statement first = statements.stream()
                .filter(each -> each.opening() != null || each.closing() != null)
                .findFirst()
                .orElseThrow();
        this.base = first.firstOn();
        Long opening = first.opening();
        this.atBase = opening != null
                ? opening
                : Objects.requireNonNull(first.closing()) - sum(first.firstOn(), first.lastOn());
        long balance = atBase;
        for (Day day : days) {
            if (!day.on().isBefore(base)) {
                balance += day.net();
                balances.put(day.on(), balance);
            }
        }
    }

    /** The first day that is told about. */
    LocalDate base() {
        return base;
    }

    /** With what the account began that day. */
    long atBase() {
        return atBase;
    }

    long balance(LocalDate day) {
        var last = balances.floorEntry(day);
        return last == null ? atBase : last.getValue();
    }

    ProofOfCash.Flow flow(LocalDate start, LocalDate end) {
        long in = 0;
        long out = 0;
        for (Day day : days) {
            if (!day.on().isBefore(start) && !day.on().isAfter(end)) {
                in += day.in();
                out += day.out();
            }
        }
        return new ProofOfCash.Flow(Amounts.ofMinor(in, currency), Amounts.ofMinor(out, currency));
    }

    /** In words, oldest first; empty if the statements cover the period without a break. */
    List<String> gaps(LocalDate start, LocalDate end) {
        List<String> gaps = new ArrayList<>();
        if (base.isAfter(start)) {
            gaps.add("The statements begin on %s only".formatted(base));
        }
        for (Statement each : statements) {
            // After the first break all balances are beside what the movements lead to.
            if (gaps.isEmpty()
                    && !each.lastOn().isBefore(start)
                    && !each.firstOn().isAfter(end)) {
                breakBefore(each, gaps);
                if (gaps.isEmpty()) {
                    wrongEnd(each, gaps);
                }
            }
        }
        missingNumbers(start, end, gaps);
        LocalDate covered = statements.stream()
                .map(Statement::lastOn)
                .max(LocalDate::compareTo)
                .orElseThrow();
        if (covered.isBefore(end)) {
            gaps.add("The statements end on %s".formatted(covered));
        } else if (statements.stream()
                .noneMatch(
                        each -> !each.lastOn().isBefore(end) && !each.firstOn().isAfter(end))) {
            // No statement shows the last day: the next one must go on from its balance.
            statements.stream()
                    .filter(each -> each.firstOn().isAfter(end))
                    .findFirst()
                    .ifPresent(next -> breakBefore(next, gaps));
        }
        return gaps;
    }

    /**
     * A statement whose movements add up to nothing is missed by no balance, but by its number. Only banks that count are
     * held to it: those whose statements of a year are numbered upwards, one after the other most of the time.
     */
    private void missingNumbers(LocalDate start, LocalDate end, List<String> gaps) {
        List<Statement> missed = new ArrayList<>();
        int followed = 0;
        Statement before = null;
        for (Statement each : statements) {
            if (number(each) < 0) {
                return;
            }
            if (before != null && before.firstOn().getYear() == each.firstOn().getYear()) {
                long step = number(each) - number(before);
                if (step < 0) {
                    return;
                }
                followed += step == 1 ? 1 : 0;
                if (step > 1) {
                    missed.add(before);
                    missed.add(each);
                }
            }
            before = each;
        }
        for (int i = 0; followed >= missed.size() / 2 && i < missed.size(); i += 2) {
            Statement last = missed.get(i);
            Statement next = missed.get(i + 1);
            if (!next.firstOn().isBefore(start) && !last.lastOn().isAfter(end)) {
                gaps.add("Between statement %d of %s and statement %d of %s one is missing"
                        .formatted(number(last), last.lastOn(), number(next), next.firstOn()));
            }
        }
    }

    /** Without the page; below zero if it is no number. */
    private static long number(Statement statement) {
        var digits = NUMBER.matcher(statement.number());
        return digits.matches() ? Long.parseLong(digits.group(1)) : -1;
    }

    private void breakBefore(Statement each, List<String> gaps) {
        Long opening = each.opening();
        if (opening == null
                || opening == balance(each.firstOn().minusDays(1))
                || statements.stream()
                        .anyMatch(other -> !other.id().equals(each.id())
                                && other.lastOn().equals(each.firstOn())
                                && opening.equals(other.closing()))) {
            return;
        }
        gaps.add("The statement of %s to %s opens with %s, but the account stood at %s before: one is missing"
                .formatted(
                        each.firstOn(),
                        each.lastOn(),
                        Amounts.format(opening, currency),
                        Amounts.format(balance(each.firstOn().minusDays(1)), currency)));
    }

    private void wrongEnd(Statement each, List<String> gaps) {
        Long closing = each.closing();
        if (closing == null
                || closing == balance(each.lastOn())
                || statements.stream()
                        .anyMatch(other -> !other.id().equals(each.id())
                                && other.firstOn().equals(each.lastOn())
                                && closing.equals(other.opening()))) {
            return;
        }
        gaps.add("The statement of %s to %s closes with %s, but its movements lead to %s"
                .formatted(
                        each.firstOn(),
                        each.lastOn(),
                        Amounts.format(closing, currency),
                        Amounts.format(balance(each.lastOn()), currency)));
    }

    private long sum(LocalDate from, LocalDate to) {
        return days.stream()
                .filter(day -> !day.on().isBefore(from) && !day.on().isAfter(to))
                .mapToLong(Day::net)
                .sum();
    }
}
