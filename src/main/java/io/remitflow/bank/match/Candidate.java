package io.remitflow.bank.match;

import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/** Lines and records that a rule allows to be matched; whether they are depends on the others. */
record Candidate(List<Item> lines, List<Item> records, long weight) {

    /** Explaining one item more outweighs all days between them. */
    private static final long ITEM = 1_000_000;

    static Candidate of(List<Item> lines, List<Item> records) {
        long days = 0;
        for (Item line : lines) {
            for (Item record : records) {
                days += Math.abs(ChronoUnit.DAYS.between(line.date(), record.date()));
            }
        }
        return new Candidate(lines, records, ITEM * (lines.size() + records.size()) - Math.min(days, ITEM - 1));
    }

    Stream<String> keys() {
        return Stream.concat(
                lines.stream().map(line -> "line " + line.id()),
                records.stream().map(record -> "record " + record.id()));
    }

    String order() {
        return String.join(",", keys().sorted().toList());
    }
}
