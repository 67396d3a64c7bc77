package io.remitflow.payments;

import io.remitflow.ledger.ClearingReference;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A check or cash in the drawer.
 *
 * @param kind which {@link UndepositedReceipts} knows it
 * @param paperNumber what is printed on the check
 * @param reference under which it is booked on undeposited checks
 */
public record UndepositedReceipt(
        String kind,
        UUID id,
        String number,
        DepositMethod method,
        @Nullable String paperNumber,
        LocalDate receivedOn,
        ClearingReference reference,
        Money amount) {

    /** What tells it from all others, in forms. */
    public String key() {
        return kind + ":" + id;
    }
}
