package io.remitflow.bank.match;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Tries everything: all combinations a rule allows, and all ways to choose among them. For a handful of items only. */
final class BruteForce {

    private BruteForce() {}

    /** The best weight one rule reaches, and all choices that reach it, each as the set of its combinations. */
    record Best(long weight, Set<Set<String>> choices) {}

    static Best of(MatchRule rule, List<Item> lines, List<Item> records) {
        List<List<Item>> lineSets = subsets(lines);
        List<List<Item>> recordSets = subsets(records);
        List<List<List<Item>>> allowed = new ArrayList<>();
        for (List<Item> some : lineSets) {
            for (List<Item> others : recordSets) {
                if (allows(rule, some, others)) {
                    allowed.add(List.of(some, others));
                }
            }
        }
        var choices = new HashSet<Set<String>>();
        long[] best = {-1};
        choose(allowed, 0, new HashSet<>(), new HashSet<>(), 0, best, choices);
        return new Best(best[0], choices);
    }

    private static void choose(
            List<List<List<Item>>> allowed,
            int from,
            Set<Item> used,
            Set<String> chosen,
            long weight,
            long[] best,
            Set<Set<String>> choices) {
        if (weight > best[0]) {
            best[0] = weight;
            choices.clear();
        }
        if (weight == best[0]) {
            choices.add(Set.copyOf(chosen));
        }
        for (int i = from; i < allowed.size(); i++) {
            List<Item> items = new ArrayList<>(allowed.get(i).getFirst());
            items.addAll(allowed.get(i).getLast());
            if (items.stream().anyMatch(used::contains)) {
                continue;
            }
            used.addAll(items);
            String name = name(allowed.get(i).getFirst(), allowed.get(i).getLast());
            chosen.add(name);
            choose(allowed, i + 1, used, chosen, weight + weight(allowed.get(i)), best, choices);
            chosen.remove(name);
            items.forEach(used::remove);
        }
    }

    static String name(List<Item> lines, List<Item> records) {
        return "%s=%s"
                .formatted(
                        lines.stream().map(Item::id).sorted().toList(),
                        records.stream().map(Item::id).sorted().toList());
    }

    static long weight(List<List<Item>> combination) {
        long days = 0;
        for (Item line : combination.getFirst()) {
            for (Item record : combination.getLast()) {
                days += Math.abs(ChronoUnit.DAYS.between(line.date(), record.date()));
            }
        }
        return 1_000_000L
                        * (combination.getFirst().size() + combination.getLast().size())
                - days;
    }

    private static boolean allows(MatchRule rule, List<Item> lines, List<Item> records) {
        if (lines.size() > rule.maxLines() || records.size() > rule.maxRecords()) {
            return false;
        }
        for (Item line : lines) {
            for (Item record : records) {
                if (line.amountMinor() > 0 != record.amountMinor() > 0
                        || Math.abs(ChronoUnit.DAYS.between(line.date(), record.date())) > rule.windowDays()
                        || (rule.byReference() && line.references().stream().noneMatch(record.references()::contains))
                        || (rule.byParty() && line.parties().stream().noneMatch(record.parties()::contains))) {
                    return false;
                }
            }
        }
        long difference = Math.abs(sum(lines) - sum(records));
        if (lines.size() + records.size() == 2) {
            return difference <= rule.toleranceMinor();
        }
        return difference == 0 && !falls(lines, records);
    }

    /** Whether it is two matches in one. */
    private static boolean falls(List<Item> lines, List<Item> records) {
        return subsets(lines).stream()
                .filter(part -> part.size() < lines.size())
                .anyMatch(part -> subsets(records).stream()
                        .filter(other -> other.size() < records.size())
                        .anyMatch(other -> sum(part) == sum(other)));
    }

    private static long sum(List<Item> items) {
        return items.stream().mapToLong(Item::amountMinor).sum();
    }

    private static List<List<Item>> subsets(List<Item> items) {
        List<List<Item>> sets = new ArrayList<>();
        for (int part = 1; part < 1 << items.size(); part++) {
            List<Item> set = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                if ((part >> i & 1) == 1) {
                    set.add(items.get(i));
                }
            }
            sets.add(set);
        }
        return sets;
    }
}
