package io.remitflow.checks;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * For whom the payer named on a check pays.
 *
 * @param facilities of a recognized payer that does not cover all
 * @param rules the rules that the name fits
 */
public record PayerMatch(Outcome outcome, boolean coversAll, Set<UUID> facilities, List<PayerRule> rules) {

    public PayerMatch {
        facilities = Set.copyOf(facilities);
        rules = List.copyOf(rules);
    }

    public boolean isRecognized() {
        return outcome == Outcome.RECOGNIZED;
    }

    public boolean isSingleFacility() {
        return isRecognized() && !coversAll && facilities.size() == 1;
    }

    /** How sure it is; only a recognized payer decides anything. */
    public enum Outcome {
        RECOGNIZED,
        UNRECOGNIZED,
        AMBIGUOUS
    }
}
