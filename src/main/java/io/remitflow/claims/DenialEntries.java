package io.remitflow.claims;

import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.LinkedEntries;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Entries that billed a denial to the patient, which moved the patient account and the claim too. */
@Component
class DenialEntries implements LinkedEntries {

    @Override
    public Optional<String> takenBackElsewhere(JournalEntry entry) {
        return Denials.SUBJECT.equals(entry.documentType())
                ? Optional.of("open the denial again on its own page, which takes it back from the patient")
                : Optional.empty();
    }
}
