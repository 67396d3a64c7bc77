package io.remitflow.receivables;

import java.time.LocalDate;
import org.joda.money.Money;

/**
 * What is owed by age on a day, for insurance and patient.
 *
 * <p>The age of a debit counts from its aging date: insurance from the service date, patient from the day the share
 * became the patient's (from the first statement, once there are statements). Credits of a claim settle that claim's debits, oldest
 * first; credits without a claim settle the oldest open debits; what is left is {@link Buckets#unapplied}.
 */
public record Aging(LocalDate asOf, Buckets insurance, Buckets patient) {

    public Buckets total() {
        return insurance.plus(patient);
    }

    /** Open debits by age in days, bounds inclusive, and the credits that settle none of them (not negative). */
    public record Buckets(
            Money days0To30, Money days31To60, Money days61To90, Money days91To120, Money over120, Money unapplied) {

        public Money open() {
            return days0To30.plus(days31To60).plus(days61To90).plus(days91To120).plus(over120);
        }

        /** The balance: open debits less unapplied credits. */
        public Money balance() {
            return open().minus(unapplied);
        }

        Buckets plus(Buckets other) {
            return new Buckets(
                    days0To30.plus(other.days0To30),
                    days31To60.plus(other.days31To60),
                    days61To90.plus(other.days61To90),
                    days91To120.plus(other.days91To120),
                    over120.plus(other.over120),
                    unapplied.plus(other.unapplied));
        }
    }
}
