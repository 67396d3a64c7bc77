package io.remitflow.bank.match;

import java.time.LocalDate;
import java.util.Set;

/**
 * A bank line or one of our records, as the matcher sees it.
 *
 * @param amountMinor money in above zero, money out below; never zero
 * @param references normalised numbers that it carries
 * @param parties normalised names of its other side, with the aliases known for them
 */
public record Item(String id, long amountMinor, LocalDate date, Set<String> references, Set<String> parties) {

    public Item {
        references = Set.copyOf(references);
        parties = Set.copyOf(parties);
        if (amountMinor == 0) {
            throw new IllegalArgumentException("an item without money matches nothing");
        }
    }
}
