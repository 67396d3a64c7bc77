package io.remitflow.bank.match;

/**
 * How far the search for sums and for the best combination goes. What lies beyond is reported as undecided, never guessed.
 *
 * @param pool most lines and most records that come into question for one group
 * @param candidates most candidates that depend on each other
 * @param sumSteps most steps of the search for sums that begins at one line
 * @param choiceSteps most steps of one search for the best choice
 */
public record Limits(int pool, int candidates, long sumSteps, long choiceSteps) {

    public static final Limits STANDARD = new Limits(40, 200, 200_000, 20_000);
}
