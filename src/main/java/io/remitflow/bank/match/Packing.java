package io.remitflow.bank.match;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The best choice among candidates that depend on each other, none of which shares a line or record with another. */
final class Packing {

    private final List<Candidate> candidates;
    private final List<Set<String>> keys;
    private final long maxSteps;
    private long steps;
    private long best;
    private List<Integer> bestChoice = List.of();

    Packing(List<Candidate> connected, long maxSteps) {
        // Heavy ones first: a good choice is found early and cuts the rest off.
        this.candidates = connected.stream()
                .sorted(Comparator.comparingLong(Candidate::weight).reversed().thenComparing(Candidate::order))
                .toList();
        this.keys = candidates.stream()
                .map(each -> Set.copyOf(each.keys().toList()))
                .toList();
        this.maxSteps = maxSteps;
    }

    /** A chosen candidate, and whether some other best choice does without it. */
    record Chosen(Candidate candidate, boolean replaceable) {}

    /** @return empty if the search took too many steps */
    Optional<List<Chosen>> solve() {
        Optional<Long> weight = search(-1);
        if (weight.isEmpty()) {
            return Optional.empty();
        }
        List<Integer> choice = bestChoice;
        List<Chosen> chosen = new ArrayList<>();
        for (int index : choice) {
            Optional<Long> without = search(index);
            if (without.isEmpty()) {
                return Optional.empty();
            }
            chosen.add(new Chosen(candidates.get(index), without.get().equals(weight.get())));
        }
        return Optional.of(chosen);
    }

    private Optional<Long> search(int excluded) {
        steps = 0;
        best = -1;
        bestChoice = List.of();
        return descend(0, excluded, 0, new HashSet<>(), new ArrayList<>()) ? Optional.of(best) : Optional.empty();
    }

    private boolean descend(int from, int excluded, long weight, Set<String> used, List<Integer> chosen) {
        if (++steps > maxSteps) {
            return false;
        }
        if (weight > best) {
            best = weight;
            bestChoice = List.copyOf(chosen);
        }
        if (weight + bound(from, excluded, used) <= best) {
            return true;
        }
        for (int i = from; i < candidates.size(); i++) {
            if (i == excluded || keys.get(i).stream().anyMatch(used::contains)) {
                continue;
            }
            used.addAll(keys.get(i));
            chosen.add(i);
            boolean within = descend(i + 1, excluded, weight + candidates.get(i).weight(), used, chosen);
            chosen.removeLast();
            used.removeAll(keys.get(i));
            if (!within) {
                return false;
            }
        }
        return true;
    }

    /** No choice among the rest weighs more: each key that is still free counts once, with its best share. */
    private long bound(int from, int excluded, Set<String> used) {
        var shares = new java.util.HashMap<String, Long>();
        for (int i = from; i < candidates.size(); i++) {
            if (i == excluded || keys.get(i).stream().anyMatch(used::contains)) {
                continue;
            }
            Candidate candidate = candidates.get(i);
            long share = Math.ceilDiv(candidate.weight(), keys.get(i).size());
            keys.get(i).forEach(key -> shares.merge(key, share, Math::max));
        }
        return shares.values().stream().mapToLong(Long::longValue).sum();
    }
}
