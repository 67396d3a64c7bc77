package io.remitflow.ledger;

import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;

/**
 * A clearing reference that is not settled yet.
 *
 * @param balance debit minus credit: positive is money we wait for, negative money that has still to leave
 * @param openedOn the date of the entry that took its balance away from zero
 */
public record OpenReference(
        UUID id,
        UUID accountId,
        String accountCode,
        String accountName,
        ClearingReference reference,
        Money balance,
        LocalDate openedOn,
        LocalDate lastEntryOn,
        long ageDays) {}
