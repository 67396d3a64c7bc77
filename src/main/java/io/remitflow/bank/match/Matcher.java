package io.remitflow.bank.match;

import io.remitflow.bank.match.Packing.Chosen;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds which bank lines and which records of ours belong together: of all choices a rule allows the best one as a whole,
 * not the first that fits. No line and no record is ever in two matches. The order of the input does not matter.
 *
 * <p>The best choice explains the most lines and records; of those that explain as many, the one with the fewest days in
 * between. Where several are equally good, the match says so, and is for a person.
 */
public final class Matcher {

    private static final int SHOWN_ALTERNATIVES = 5;

    private final List<MatchRule> rules;
    private final Limits limits;
    private final Set<Set<String>> refused;

    /** @param rules the strongest first */
    public Matcher(List<MatchRule> rules, Limits limits) {
        this(rules, limits, Set.of());
    }

    /**
     * @param rules the strongest first
     * @param refused what a person said does not belong together, as the ids of its lines and records: exactly these are not
     *     found again, but others with some of them are
     */
    public Matcher(List<MatchRule> rules, Limits limits, Set<Set<String>> refused) {
        this.rules = List.copyOf(rules);
        this.limits = limits;
        this.refused = Set.copyOf(refused);
    }

    public Outcome match(List<Item> lines, List<Item> records) {
        List<Item> openLines = sorted(lines);
        List<Item> openRecords = sorted(records);
        List<Match> matches = new ArrayList<>();
        List<String> beyond = new ArrayList<>();
        for (MatchRule rule : rules) {
            var search = new Candidates(rule, limits);
            search.search(openLines, openRecords);
            beyond.addAll(search.beyond());
            // Whatever a search that was given up might have found is left to a person, and to no weaker rule.
            Set<String> taken = new HashSet<>(search.undecided());
            List<Candidate> sound = search.found().stream()
                    .filter(candidate -> candidate.keys().noneMatch(search.undecided()::contains))
                    .filter(candidate -> !refused.contains(ids(candidate)))
                    .toList();
            for (List<Candidate> connected : connected(sound)) {
                Optional<List<Chosen>> best = connected.size() > limits.candidates()
                        ? Optional.empty()
                        : new Packing(connected, limits.choiceSteps()).solve();
                if (best.isEmpty()) {
                    beyond.add("%s: %d combinations depend on each other".formatted(rule.title(), connected.size()));
                    connected.forEach(each -> each.keys().forEach(taken::add));
                    continue;
                }
                best.get().forEach(chosen -> {
                    matches.add(match(rule, chosen, connected));
                    chosen.candidate().keys().forEach(taken::add);
                });
                if (best.get().stream().anyMatch(Chosen::replaceable)) {
                    // An undecided choice keeps all that it could have been.
                    undecidedKeys(best.get(), connected).forEach(taken::add);
                }
            }
            openLines = openLines.stream()
                    .filter(line -> !taken.contains("line " + line.id()))
                    .toList();
            openRecords = openRecords.stream()
                    .filter(record -> !taken.contains("record " + record.id()))
                    .toList();
        }
        Set<String> matched = matches.stream()
                .flatMap(match -> match.lines().stream())
                .map(Item::id)
                .collect(Collectors.toSet());
        return new Outcome(
                matches,
                sorted(lines).stream()
                        .filter(line -> !matched.contains(line.id()))
                        .toList(),
                beyond);
    }

    private static Set<String> ids(Candidate candidate) {
        return Stream.concat(candidate.lines().stream(), candidate.records().stream())
                .map(Item::id)
                .collect(Collectors.toSet());
    }

    private static Set<String> undecidedKeys(List<Chosen> chosen, List<Candidate> connected) {
        Set<String> keys = new HashSet<>();
        for (Chosen each : chosen) {
            if (each.replaceable()) {
                touching(each.candidate(), connected)
                        .forEach(other -> other.keys().forEach(keys::add));
            }
        }
        return keys;
    }

    private static Match match(MatchRule rule, Chosen chosen, List<Candidate> connected) {
        Candidate candidate = chosen.candidate();
        List<Candidate> others = touching(candidate, connected);
        List<List<String>> alternatives = chosen.replaceable()
                ? others.stream()
                        .filter(other -> other.lines().equals(candidate.lines()))
                        .limit(SHOWN_ALTERNATIVES)
                        .map(other -> other.records().stream().map(Item::id).toList())
                        .toList()
                : List.of();
        return new Match(
                rule,
                candidate.lines(),
                candidate.records(),
                new Certificate(
                        rule.key(),
                        evidence(rule, candidate, chosen.replaceable(), others),
                        others.size(),
                        chosen.replaceable(),
                        alternatives));
    }

    private static String evidence(MatchRule rule, Candidate candidate, boolean replaceable, List<Candidate> others) {
        List<String> words = new ArrayList<>();
        words.add(rule.title());
        if (rule.byReference()) {
            words.add("reference " + String.join(", ", shared(candidate, true)));
        }
        if (rule.byParty()) {
            words.add("named " + String.join(", ", shared(candidate, false)));
        }
        boolean group = candidate.lines().size() + candidate.records().size() > 2;
        if (group) {
            words.add("%d to %d with equal sums"
                    .formatted(candidate.lines().size(), candidate.records().size()));
        }
        if (replaceable) {
            words.add("%d %s, undecided"
                    .formatted(others.size() + 1, group ? "subsets sum" : "choices are equally good"));
        } else if (others.isEmpty()) {
            words.add("nothing else fits");
        } else {
            words.add("%d other %s considered, none as good"
                    .formatted(others.size(), others.size() == 1 ? "combination" : "combinations"));
        }
        return String.join("; ", words);
    }

    private static Set<String> shared(Candidate candidate, boolean references) {
        Set<String> shared = new TreeSet<>();
        for (Item line : candidate.lines()) {
            for (Item record : candidate.records()) {
                Set<String> both = new TreeSet<>(references ? line.references() : line.parties());
                both.retainAll(references ? record.references() : record.parties());
                shared.addAll(both);
            }
        }
        return shared;
    }

    private static List<Candidate> touching(Candidate candidate, List<Candidate> connected) {
        Set<String> keys = candidate.keys().collect(Collectors.toSet());
        return connected.stream()
                .filter(other -> !other.equals(candidate) && other.keys().anyMatch(keys::contains))
                .sorted(Comparator.comparing(Candidate::order))
                .toList();
    }

    /** Candidates that share lines or records, directly or through others, are decided together. */
    private static List<List<Candidate>> connected(List<Candidate> candidates) {
        Map<String, Integer> ownerOf = new HashMap<>();
        int[] root = new int[candidates.size()];
        for (int i = 0; i < root.length; i++) {
            root[i] = i;
            for (String key : candidates.get(i).keys().toList()) {
                Integer owner = ownerOf.putIfAbsent(key, i);
                if (owner != null) {
                    root[find(root, i)] = find(root, owner);
                }
            }
        }
        Map<Integer, List<Candidate>> groups = new HashMap<>();
        for (int i = 0; i < root.length; i++) {
            groups.computeIfAbsent(find(root, i), any -> new ArrayList<>()).add(candidates.get(i));
        }
        List<List<Candidate>> result = new ArrayList<>(groups.values());
        result.sort(Comparator.comparing(
                group -> Collections.min(group.stream().map(Candidate::order).toList())));
        return result;
    }

    private static int find(int[] root, int of) {
        int at = of;
        while (root[at] != at) {
            root[at] = root[root[at]];
            at = root[at];
        }
        return at;
    }

    private static List<Item> sorted(List<Item> items) {
        return items.stream().sorted(Comparator.comparing(Item::id)).toList();
    }
}
