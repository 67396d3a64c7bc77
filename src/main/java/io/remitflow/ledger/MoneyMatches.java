package io.remitflow.ledger;

import java.util.List;
import java.util.UUID;

/** How many there are, and the newest of them. */
public record MoneyMatches(long total, List<UUID> ids) {

    public MoneyMatches {
        ids = List.copyOf(ids);
    }
}
