package io.remitflow.ledger;

import java.time.LocalDate;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The one way into the books. */
@Service
public class Journal {

    /** Posts in the caller's transaction. The same source key with the same content is posted once. */
    @Transactional
    public PostedEntry post(NewEntry entry) {
        throw new UnsupportedOperationException();
    }

    /** Posts the opposite of an entry, linked both ways; an entry is reversed once, a reversal never. */
    @Transactional
    public PostedEntry reverse(UUID entryId, LocalDate date, String reason, String sourceKey) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public Optional<JournalEntry> find(UUID id) {
        throw new UnsupportedOperationException();
    }
}
