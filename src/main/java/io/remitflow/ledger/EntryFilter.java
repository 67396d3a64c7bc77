package io.remitflow.ledger;

import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which entries a list shows; what is not given does not narrow it.
 *
 * @param text in the description, or exactly the entry number, reference number or a clearing reference
 */
public record EntryFilter(
        @Nullable LocalDate from,
        @Nullable LocalDate to,
        @Nullable UUID accountId,
        @Nullable String sourceModule,
        @Nullable String text,
        @Nullable UUID documentId,
        @Nullable UUID clearingReferenceId) {

    public static EntryFilter all() {
        return new EntryFilter(null, null, null, null, null, null, null);
    }

    /** The entries that a remittance, payment or refund has caused. */
    public static EntryFilter ofDocument(UUID documentId) {
        return new EntryFilter(null, null, null, null, null, documentId, null);
    }

    public static EntryFilter ofClearing(UUID clearingReferenceId) {
        return new EntryFilter(null, null, null, null, null, null, clearingReferenceId);
    }
}
