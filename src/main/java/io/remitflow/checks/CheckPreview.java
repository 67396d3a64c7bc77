package io.remitflow.checks;

import io.remitflow.payments.Payment;
import io.remitflow.receivables.PatientAccount;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a confirmation would do now.
 *
 * @param proposal null: there is no amount yet
 * @param facilities the accounts of all invoices that came into question, by id
 * @param atDesk payments that somebody took with a check of this number and amount
 * @param seen stands for the allocation: whoever confirms sends it back, so that nothing else is booked than was shown
 */
public record CheckPreview(
        PayerMatch payer,
        boolean picked,
        boolean singleFacility,
        @Nullable CheckProposal proposal,
        Money left,
        List<OpenInvoice> pool,
        Map<UUID, PatientAccount> facilities,
        Set<Doubt> doubts,
        List<Payment> atDesk,
        String seen) {

    /** In the list of a line; nobody looks through more. */
    private static final int MOST_CHOICES = 300;

    /** The invoices that a person may choose for a line. */
    public List<OpenInvoice> choices(RemittanceLine line) {
        return OpenInvoice.nearest(pool, line, MOST_CHOICES);
    }

    /** Whether there are more than those. */
    public boolean hasMoreChoices() {
        return pool.size() > MOST_CHOICES;
    }

    public boolean isConfirmable() {
        return doubts.stream().noneMatch(Doubt::isBlocking);
    }

    /** Whether a person has to say that they saw the doubts. */
    public boolean needsAcknowledgement() {
        return doubts.stream().anyMatch(doubt -> !doubt.isBlocking());
    }
}
