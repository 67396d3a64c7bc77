package io.remitflow.rules;

import java.util.List;

/**
 * Something wrong with a decision table.
 *
 * @param rules the numbers of the rules concerned, empty if it is about the table
 * @param text what is wrong, in words for the person who edits the table
 */
public record Flaw(Kind kind, List<Integer> rules, String text) {

    /** Every kind but {@link #UNDECIDED} keeps a table from being released. */
    public enum Kind {
        HIT_POLICY,
        EXPRESSION,
        TYPE,
        GAP,
        OVERLAP,
        UNREACHABLE,
        UNKNOWN_GROUP,
        NOBODY,
        UNDECIDED;

        public boolean blocks() {
            return this != UNDECIDED;
        }
    }

    static Flaw of(Kind kind, int rule, String text) {
        return new Flaw(kind, List.of(rule), text);
    }
}
