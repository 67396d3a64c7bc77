package io.remitflow.checks;

import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.LinkedEntries;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Entries of checks, which move invoices, payments and accounts too. */
@Component
class CheckEntries implements LinkedEntries {

    @Override
    public Optional<String> takenBackElsewhere(JournalEntry entry) {
        return Checks.SUBJECT.equals(entry.documentType()) && "checks".equals(entry.sourceModule())
                ? Optional.of("record on the page of the check that the bank returned it")
                : Optional.empty();
    }
}
