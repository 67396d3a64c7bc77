package io.remitflow.bank;

import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.LinkedEntries;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Entries of bank lines, which say what the lines are too. */
@Component
class BankEntries implements LinkedEntries {

    private static final String LINE = BankBookings.LINE;

    @Override
    public Optional<String> takenBackElsewhere(JournalEntry entry) {
        String document = entry.documentType();
        if (document == null) {
            return Optional.empty();
        }
        return switch (document) {
            case BankMatches.SUBJECT -> Optional.of("undo the match on its own page, with its lines and records");
            case LINE -> Optional.of("the bank moved this money: on the page of the line, undo what it was taken for");
            default -> Optional.empty();
        };
    }
}
