package io.remitflow.payments;

import io.remitflow.core.BusinessDays;
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
 * @param paperDate the date on the check; null: nobody keeps it
 * @param reference under which it is booked on undeposited checks
 */
public record UndepositedReceipt(
        String kind,
        UUID id,
        String number,
        DepositMethod method,
        @Nullable String paperNumber,
        @Nullable LocalDate paperDate,
        LocalDate receivedOn,
        ClearingReference reference,
        Money amount) {

    /** Business days after which whatever came in is at the bank: deposits are made daily. */
    static final int DAYS_IN_THE_DRAWER = 1;

    /** The first day on which it may go to the bank: not before the date on it. */
    public LocalDate depositFrom() {
        return paperDate != null && paperDate.isAfter(receivedOn) ? paperDate : receivedOn;
    }

    /** The last day on which it goes to the bank in time. */
    public LocalDate depositBy() {
        return BusinessDays.after(depositFrom(), DAYS_IN_THE_DRAWER);
    }

    /** Whether its date has still to come: until then it stays in the drawer. */
    public boolean isPostDated(LocalDate today) {
        return paperDate != null && paperDate.isAfter(today);
    }

    public boolean isLate(LocalDate today) {
        return today.isAfter(depositBy());
    }

    /** What tells it from all others, in forms. */
    public String key() {
        return kind + ":" + id;
    }
}
