package io.remitflow.ledger;

import java.util.Optional;

/** Knows entries that are not reversed in the ledger alone, because other books must move with them. */
public interface LinkedEntries {

    /** Where the entry is taken back instead, as a sentence for a person; empty if nothing of it is known here. */
    Optional<String> takenBackElsewhere(JournalEntry entry);
}
