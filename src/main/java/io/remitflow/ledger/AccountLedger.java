package io.remitflow.ledger;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one account in the order of their dates, with the balance after each.
 *
 * <p>Balances are in the direction in which the account normally stands.
 *
 * @param opening the balance before the first line of this page
 * @param next where the next page begins; nothing on the last one
 */
public record AccountLedger(
        Account account,
        Money opening,
        List<Line> lines,
        Money closing,
        @Nullable String next) {

    public record Line(
            UUID entryId,
            String entryNumber,
            LocalDate date,
            int lineNumber,
            String description,
            @Nullable ClearingReference clearing,
            Money debit,
            Money credit,
            Money balance) {}
}
