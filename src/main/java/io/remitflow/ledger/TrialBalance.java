package io.remitflow.ledger;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;

/** Every account that was ever posted to, on the side on which it stands; per currency both sides add up to the same. */
public record TrialBalance(LocalDate asOf, List<Row> rows, List<Total> totals) {

    /** One of {@code debit} and {@code credit} is zero. */
    public record Row(
            UUID accountId, String accountCode, String accountName, AccountType type, Money debit, Money credit) {}

    /** Both sides of one currency. */
    public record Total(Money debit, Money credit) {

        public boolean balanced() {
            return debit.isEqual(credit);
        }
    }
}
