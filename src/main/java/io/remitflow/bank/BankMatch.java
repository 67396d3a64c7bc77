package io.remitflow.bank;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A suggestion of what lines in bank suspense are, with its certificate.
 *
 * @param evidence what agrees and what else was considered, in words
 * @param considered how many other combinations touched the same lines or records
 * @param undecided whether another choice would have been as good: look at the alternatives before accepting
 * @param alternatives other records for the same lines that would have been as good
 */
public record BankMatch(
        UUID id,
        Status status,
        String rule,
        String ruleTitle,
        String evidence,
        int considered,
        boolean undecided,
        List<BankLine> lines,
        List<Record> records,
        List<List<Record>> alternatives,
        Instant suggestedAt,
        @Nullable UUID decidedBy,
        @Nullable Instant decidedAt,
        @Nullable String reason) {

    /** What became of it. */
    public enum Status {
        SUGGESTED,
        ACCEPTED,
        DECLINED,
        /** One of its lines or records was settled otherwise. */
        LAPSED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Status ofKey(String key) {
            return valueOf(key.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * Something of ours that waits for money.
     *
     * @param kind settlement or reference
     * @param title how people know it
     * @param amount above zero if it waits for money to come in
     */
    public record Record(String kind, UUID id, String title, Money amount) {

        public boolean isSettlement() {
            return kind.equals("settlement");
        }
    }
}
