package io.remitflow.ledger;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * A month of the books.
 *
 * @param name such as {@code 2026-01}
 */
public record FiscalPeriod(
        String name,
        LocalDate startsOn,
        LocalDate endsOn,
        boolean open,
        @Nullable UserId closedBy,
        @Nullable Instant closedAt) {

    public boolean contains(LocalDate date) {
        return !date.isBefore(startsOn) && !date.isAfter(endsOn);
    }
}
