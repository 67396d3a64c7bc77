package io.remitflow.remittance;

import java.time.LocalDate;
import java.util.List;
import org.joda.money.Money;

/**
 * Open items by age, by payer and by account.
 *
 * @param taken what payers took and nothing explains or gives back yet
 * @param owed what payers added and will take back, as a positive amount
 */
public record TakebackTotals(
        long open,
        long exceptions,
        Money taken,
        Money owed,
        List<Age> ages,
        List<OfPayer> payers,
        List<OfAccount> accounts) {

    public TakebackTotals {
        ages = List.copyOf(ages);
        payers = List.copyOf(payers);
        accounts = List.copyOf(accounts);
    }

    public record Age(String title, long count, Money taken, Money owed) {}

    public record OfPayer(
            String payerIdentifier,
            String payerName,
            long count,
            long exceptions,
            Money taken,
            Money owed,
            LocalDate oldest) {

        /** Positive is ours, negative the payer's. */
        public Money net() {
            return taken.minus(owed);
        }
    }

    /**
     * @param items the open amounts of all items, debit positive
     * @param ledger debit minus credit of the account
     */
    public record OfAccount(String accountCode, String accountName, Money items, Money ledger) {

        /** What somebody booked by hand. */
        public Money difference() {
            return ledger.minus(items);
        }
    }
}
