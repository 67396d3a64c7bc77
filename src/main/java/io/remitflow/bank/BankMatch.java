package io.remitflow.bank;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What lines in bank suspense are, suggested by the matcher or said by a person, with its certificate.
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
        @Nullable String reason,
        @Nullable Undoing undoing) {

    /** The rule of a match that a person made. */
    public static final String BY_HAND = "by-hand";

    /** The rule of a line that a person booked to an account. */
    public static final String BOOKED = "booked";

    /** The rule of a line that an entry had booked before the bank showed it. */
    public static final String BOOKED_BEFORE = "booked-before";

    /** The rule of a line that was cleared by the key it carries, of which a person said that it is not so. */
    public static final String CLEARED = "key-and-amount";

    /** The rule of a line with which the bank takes a check back that was deposited. */
    public static final String RETURNED_CHECK = "returned-check";

    /** Whether a person who accepts it says why the bank returned the check. */
    public boolean isReturnedCheck() {
        return rule.equals(RETURNED_CHECK);
    }

    /** What became of it. */
    public enum Status {
        SUGGESTED,
        ACCEPTED,
        DECLINED,
        /** One of its lines or records was settled otherwise. */
        LAPSED,
        /** Accepted, and later taken out of the books again. */
        UNDONE;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Status ofKey(String key) {
            return valueOf(key.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * Something of ours that waits for money, the account that a line belongs to, or the entry that had booked it before.
     *
     * @param kind settlement, reference, account or entry; while it is suggested, returned-check
     * @param title how people know it
     * @param amount above zero if it waits for money to come in
     * @param date since when, or for when it is announced
     */
    public record Record(String kind, UUID id, String title, Money amount, LocalDate date) {

        public boolean isSettlement() {
            return kind.equals(OpenRecords.SETTLEMENT);
        }

        public boolean isReference() {
            return kind.equals(OpenRecords.REFERENCE);
        }

        public boolean isAccount() {
            return kind.equals(OpenRecords.ACCOUNT);
        }

        public boolean isEntry() {
            return kind.equals(OpenRecords.ENTRY);
        }

        public boolean isReturnedCheck() {
            return kind.equals(OpenRecords.RETURNED_CHECK);
        }
    }

    /** Who took it out of the books again, and why. */
    public record Undoing(UUID by, Instant at, String reason) {}
}
