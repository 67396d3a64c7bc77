package io.remitflow.bank;

import io.remitflow.ledger.JournalEntry;
import java.util.List;
import java.util.Optional;

/** Knows what was built on a match or clearing of bank lines, so that it cannot be undone any more. */
public interface MatchDependents {

    /**
     * Why what these lines were said to be has to stay, as a sentence for a person; empty if nothing known here depends on it.
     *
     * @param entries that booked it
     */
    Optional<String> keeping(List<BankLine> lines, List<JournalEntry> entries);
}
