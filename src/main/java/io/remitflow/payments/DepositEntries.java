package io.remitflow.payments;

import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.LinkedEntries;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Entries of deposits, which say where checks and cash are. */
@Component
class DepositEntries implements LinkedEntries {

    @Override
    public Optional<String> takenBackElsewhere(JournalEntry entry) {
        return Deposits.SUBJECT.equals(entry.documentType())
                ? Optional.of("cancel the deposit on its page")
                : Optional.empty();
    }
}
