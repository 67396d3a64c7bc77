package io.remitflow.bank;

import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * One movement on a bank account, once, whichever files showed it.
 *
 * @param amount above zero if money came in
 * @param evidence why it was booked as it was
 * @param matchId the suggestion that waits, or the match that explains it
 */
public record BankLine(
        UUID id,
        UUID bankAccountId,
        String accountCode,
        UUID statementId,
        LocalDate bookedOn,
        @Nullable LocalDate valueOn,
        Money amount,
        boolean reversal,
        String typeCode,
        String bankReference,
        String reference,
        String checkNumber,
        String counterparty,
        String description,
        String traceNumber,
        String payerIdentifier,
        State state,
        @Nullable String evidence,
        @Nullable UUID journalEntryId,
        @Nullable UUID matchId) {

    /** How far it is explained. */
    public enum State {
        /** Not in the books yet. */
        RECEIVED,
        /** Its remittance or payer is known, the settlement goes on. */
        REMITTANCE,
        /** Cleared against the reference it carries. */
        CLEARED,
        /** The bank took back what it had credited. */
        TAKEN_BACK,
        /** In bank suspense. */
        SUSPENSE,
        /** In bank suspense, with a suggestion that waits for a person. */
        SUGGESTED,
        /** A person said what it is: a record of ours, another line, an account, or an entry that had booked it before. */
        MATCHED;

        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static State ofKey(String key) {
            return valueOf(key.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    /** What the other side or the bank wrote, for one line of a table. */
    public String words() {
        return counterparty.isEmpty() || description.startsWith(counterparty)
                ? description
                : (counterparty + " " + description).strip();
    }
}
