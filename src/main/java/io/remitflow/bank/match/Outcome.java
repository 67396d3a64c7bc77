package io.remitflow.bank.match;

import java.util.List;

/**
 * What the matcher found.
 *
 * @param open lines that nothing matched
 * @param beyondLimits in words, what was too much to search through
 */
public record Outcome(List<Match> matches, List<Item> open, List<String> beyondLimits) {}
