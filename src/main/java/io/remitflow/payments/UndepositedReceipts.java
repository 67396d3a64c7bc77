package io.remitflow.payments;

import io.remitflow.ledger.ClearingReference;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Receipts that a module booked on undeposited checks and that somebody has to bring to the bank. */
public interface UndepositedReceipts {

    /** As in the items of deposits: "check" or "payment". */
    String kind();

    /** Those with one of these references, oldest first. */
    List<UndepositedReceipt> under(Collection<ClearingReference> references);

    /** With its row locked until the transaction ends; empty if it was taken back or never was one. */
    @Transactional(propagation = Propagation.MANDATORY)
    Optional<UndepositedReceipt> lock(UUID id);
}
