package io.remitflow.bank.match;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** All combinations that one rule allows. */
final class Candidates {

    private final MatchRule rule;
    private final Limits limits;
    private final List<Candidate> found = new ArrayList<>();
    private final Set<String> undecided = new HashSet<>();
    private final List<String> beyond = new ArrayList<>();
    private long steps;

    Candidates(MatchRule rule, Limits limits) {
        this.rule = rule;
        this.limits = limits;
    }

    List<Candidate> found() {
        return found;
    }

    /** Lines for which the search was too much, and the records it was about. */
    Set<String> undecided() {
        return undecided;
    }

    List<String> beyond() {
        return beyond;
    }

    void search(List<Item> lines, List<Item> records) {
        pairs(lines, records);
        if (!rule.groups()) {
            return;
        }
        for (Item line : lines) {
            groupsOf(line, lines, records);
        }
    }

    private void pairs(List<Item> lines, List<Item> records) {
        NavigableMap<Long, List<Item>> byAmount = new TreeMap<>();
        records.forEach(record -> byAmount.computeIfAbsent(record.amountMinor(), any -> new ArrayList<>())
                .add(record));
        for (Item line : lines) {
            long least = line.amountMinor() - rule.toleranceMinor();
            long most = line.amountMinor() + rule.toleranceMinor();
            List<Item> fitting = byAmount.subMap(least, true, most, true).values().stream()
                    .flatMap(List::stream)
                    .filter(record -> fits(line, record))
                    .limit(limits.candidates() + 1L)
                    .toList();
            if (fitting.size() > limits.candidates()) {
                giveUp(line, fitting, "more than %d records have this amount".formatted(limits.candidates()));
            } else {
                fitting.forEach(record -> found.add(Candidate.of(List.of(line), List.of(record))));
            }
        }
    }

    /** Groups whose first line, in the order of ids, is this one: so each group is found once. */
    private void groupsOf(Item first, List<Item> lines, List<Item> records) {
        List<Item> pool = records.stream()
                .filter(record -> fits(first, record))
                .sorted(Comparator.comparing(Item::id))
                .toList();
        List<Item> others = rule.maxLines() == 1
                ? List.of()
                : lines.stream()
                        .filter(line -> line.id().compareTo(first.id()) > 0
                                && sameSign(line, first)
                                && pool.stream().anyMatch(record -> fits(line, record)))
                        .sorted(Comparator.comparing(Item::id))
                        .toList();
        if (pool.isEmpty()) {
            return;
        }
        if (pool.size() > limits.pool() || others.size() > limits.pool()) {
            giveUp(first, pool, "%d records and %d lines come into question".formatted(pool.size(), others.size() + 1));
            return;
        }
        steps = 0;
        List<Candidate> ofFirst = new ArrayList<>();
        List<Item> chosen = new ArrayList<>(List.of(first));
        if (lineSets(chosen, others, 0, pool, ofFirst)) {
            found.addAll(ofFirst);
        } else {
            giveUp(first, pool, "more than %,d combinations were tried".formatted(limits.sumSteps()));
        }
    }

    private void giveUp(Item line, List<Item> records, String why) {
        undecided.add("line " + line.id());
        records.forEach(record -> undecided.add("record " + record.id()));
        beyond.add("%s: %s".formatted(rule.title(), why));
    }

    /** @return false if the limit was reached */
    private boolean lineSets(List<Item> chosen, List<Item> others, int from, List<Item> pool, List<Candidate> into) {
        List<Item> common = pool.stream()
                .filter(record -> chosen.stream().allMatch(line -> fits(line, record)))
                .sorted(Comparator.comparingLong((Item record) -> Math.abs(record.amountMinor()))
                        .reversed()
                        .thenComparing(Item::id))
                .toList();
        long target = chosen.stream().mapToLong(Item::amountMinor).sum();
        if (!recordSets(chosen, target, common, 0, new ArrayList<>(), into)) {
            return false;
        }
        if (chosen.size() == rule.maxLines()) {
            return true;
        }
        for (int i = from; i < others.size(); i++) {
            chosen.add(others.get(i));
            boolean within = lineSets(chosen, others, i + 1, pool, into);
            chosen.removeLast();
            if (!within) {
                return false;
            }
        }
        return true;
    }

    /** All of one sign, so that a sum beyond the target never comes back to it. */
    private boolean recordSets(
            List<Item> lines, long left, List<Item> records, int from, List<Item> chosen, List<Candidate> into) {
        if (++steps > limits.sumSteps()) {
            return false;
        }
        if (left == 0) {
            // Pairs are found already, with their tolerance.
            if (lines.size() + chosen.size() > 2 && irreducible(lines, chosen)) {
                into.add(Candidate.of(
                        List.copyOf(lines),
                        chosen.stream().sorted(Comparator.comparing(Item::id)).toList()));
            }
            return true;
        }
        if (chosen.size() == rule.maxRecords()) {
            return true;
        }
        for (int i = from; i < records.size(); i++) {
            long rest = left - records.get(i).amountMinor();
            if (Long.signum(rest) == -Long.signum(left)) {
                continue;
            }
            chosen.add(records.get(i));
            boolean within = recordSets(lines, rest, records, i + 1, chosen, into);
            chosen.removeLast();
            if (!within) {
                return false;
            }
        }
        return true;
    }

    /** No part of the lines equals a part of the records: else it is two matches that were put together. */
    private static boolean irreducible(List<Item> lines, List<Item> records) {
        if (lines.size() == 1 || records.size() == 1) {
            return true;
        }
        Set<Long> sums = partSums(lines);
        return Collections.disjoint(sums, partSums(records));
    }

    private static Set<Long> partSums(List<Item> items) {
        Set<Long> sums = new HashSet<>();
        for (int part = 1; part < (1 << items.size()) - 1; part++) {
            long sum = 0;
            for (int i = 0; i < items.size(); i++) {
                sum += (part >> i & 1) == 1 ? items.get(i).amountMinor() : 0;
            }
            sums.add(sum);
        }
        return sums;
    }

    private boolean fits(Item line, Item record) {
        return sameSign(line, record)
                && Math.abs(ChronoUnit.DAYS.between(line.date(), record.date())) <= rule.windowDays()
                && (!rule.byReference() || !Collections.disjoint(line.references(), record.references()))
                && (!rule.byParty() || !Collections.disjoint(line.parties(), record.parties()));
    }

    private static boolean sameSign(Item one, Item other) {
        return Long.signum(one.amountMinor()) == Long.signum(other.amountMinor());
    }
}
