package io.remitflow.reconciliation;

import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Claims submitted to one payer against what it answered: submitted = paid + denied + pending + rejected + written off,
 * by count and by what was charged.
 *
 * @param payerId null for the total of all
 * @param overdue of the pending ones, those submitted more than 30 days before
 * @param received what the payer paid on these claims by then
 * @param remittances of the payer in the period, also those of zero
 * @param unidentified claims on these remittances that are not posted to a claim of ours, with what was paid for them
 */
public record PayerFigures(
        @Nullable UUID payerId,
        String payerName,
        Part submitted,
        Part paid,
        Part denied,
        Part pending,
        Part rejected,
        Part writtenOff,
        Part overdue,
        Money received,
        Part remittances,
        Part unidentified) {

    /** How many, and how much together. */
    public record Part(long count, Money amount) {

        Part plus(Part other) {
            return new Part(count + other.count, amount.plus(other.amount));
        }
    }

    PayerFigures plus(PayerFigures other) {
        return new PayerFigures(
                null,
                "All payers",
                submitted.plus(other.submitted),
                paid.plus(other.paid),
                denied.plus(other.denied),
                pending.plus(other.pending),
                rejected.plus(other.rejected),
                writtenOff.plus(other.writtenOff),
                overdue.plus(other.overdue),
                received.plus(other.received),
                remittances.plus(other.remittances),
                unidentified.plus(other.unidentified));
    }
}
