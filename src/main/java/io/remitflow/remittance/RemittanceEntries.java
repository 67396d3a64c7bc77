package io.remitflow.remittance;

import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.LinkedEntries;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Entries of remittances and payer money, which move patient accounts, takebacks and settlements too. */
@Component
class RemittanceEntries implements LinkedEntries {

    @Override
    public Optional<String> takenBackElsewhere(JournalEntry entry) {
        String document = entry.documentType();
        if (document == null) {
            return Optional.empty();
        }
        return switch (document) {
            case "remittance" ->
                Optional.of(
                        "take back the remittance on its own page, with its patient accounts, takebacks and settlement");
            case "bank-receipt" -> Optional.of("take back the money on the page of its settlement");
            case "settlement" -> Optional.of("it follows from the settlement, which posts the opposite itself");
            default -> Optional.empty();
        };
    }
}
