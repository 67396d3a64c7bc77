package io.remitflow.bank.match;

import java.util.List;

/**
 * Why a match was made, so that a person or an auditor can follow it.
 *
 * @param evidence what agrees, in words
 * @param considered how many other combinations touched the same lines or records
 * @param undecided whether another choice would have been as good
 * @param alternatives the ids of the records of those other choices, the first few
 */
public record Certificate(
        String rule, String evidence, int considered, boolean undecided, List<List<String>> alternatives) {}
