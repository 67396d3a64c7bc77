package io.remitflow.ledger;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;

/**
 * Implemented by each module that keeps a register of money whose owner or purpose is not known yet: what it holds is
 * compared with the account of unapplied cash. All entries of one thing in the register have it as their document.
 */
public interface UnappliedRegister {

    /** The type of document that the entries of this register refer to. */
    String documentType();

    /** What was held at the end of a day, as far as it was known at an instant; nothing that holds zero. */
    List<Held> held(LocalDate day, Instant knownAt);

    /**
     * One thing in the register.
     *
     * @param id the document of its entries
     * @param what how people name it, such as {@code Check CK-2026-000012}
     */
    record Held(UUID id, String what, Money amount) {}
}
