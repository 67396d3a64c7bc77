package io.remitflow.reconciliation;

import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Something that one side of a bank reconciliation knows and the other does not, at the end of a day.
 *
 * @param id of the clearing reference, journal entry or bank line
 * @param reference what people know it by
 * @param amount above zero if it is money that comes in
 * @param entryId the entry on the bank's account, if it is one that no bank line belongs to
 * @param note what a person said about it, or why it counts as it does
 */
public record BankItem(
        Kind kind,
        UUID id,
        LocalDate on,
        String reference,
        String words,
        Money amount,
        @Nullable UUID entryId,
        @Nullable String note) {

    /** On which side it is missing. */
    public enum Kind {
        DEPOSIT_IN_TRANSIT("Deposit in transit"),
        OUTSTANDING("Outstanding check or payment"),
        UNBOOKED("Not booked yet"),
        BANK_ERROR("Error of the bank"),
        /** Booked with another amount than the bank shows: explains a difference, adjusts nothing. */
        MISMATCH("Booked with another amount");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }

        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
