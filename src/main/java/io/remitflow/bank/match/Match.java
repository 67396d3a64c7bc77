package io.remitflow.bank.match;

import java.util.List;

/** Lines and records that belong together, with the reason. */
public record Match(MatchRule rule, List<Item> lines, List<Item> records, Certificate certificate) {

    public long lineSumMinor() {
        return lines.stream().mapToLong(Item::amountMinor).sum();
    }

    public long recordSumMinor() {
        return records.stream().mapToLong(Item::amountMinor).sum();
    }

    /** Whether it may be booked without asking a person. */
    public boolean certain() {
        return rule.books() && !certificate.undecided();
    }
}
