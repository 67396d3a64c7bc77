package io.remitflow.billing;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.workflow.Timeline;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What is due on invoices, and what was paid on them; the money itself is booked by whoever brings it. */
@Service
public class InvoicePayments {

    /** Nobody has so many invoices open; more are not looked at. */
    public static final int MOST = 20_000;

    private final InvoiceRows rows;
    private final Timeline timeline;

    InvoicePayments(InvoiceRows rows, Timeline timeline) {
        this.rows = rows;
        this.timeline = timeline;
    }

    /** @param accounts null: the institutional invoices of all facilities */
    @Transactional(readOnly = true)
    public List<Invoice> open(@Nullable Collection<UUID> accounts) {
        return rows.open(accounts, false, MOST);
    }

    /** As {@link #open}, and nobody else changes them until the transaction ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<Invoice> lockOpen(@Nullable Collection<UUID> accounts) {
        return rows.open(accounts, true, MOST);
    }

    /** Whatever they are; nobody else changes them until the transaction ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lock(Collection<UUID> invoiceIds) {
        invoiceIds.stream().distinct().sorted().forEach(this::locked);
    }

    /**
     * In the transaction that books the money.
     *
     * @throws RuleViolation {@link Refusal#INVOICE_NOT_IN_STATE} if less is due
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void pay(UUID invoiceId, Money amount, String how) {
        Invoice invoice = locked(invoiceId);
        if (!amount.isPositive() || !invoice.status().isOpen() || amount.isGreaterThan(invoice.due())) {
            throw new RuleViolation(
                    Refusal.INVOICE_NOT_IN_STATE,
                    "%s are due on %s, which is %s"
                            .formatted(
                                    Amounts.format(invoice.due()),
                                    invoice.number(),
                                    invoice.status().key()));
        }
        rows.paid(invoiceId, amount);
        timeline.add(
                Invoices.SUBJECT,
                invoiceId,
                amount.isEqual(invoice.due()) ? "Paid" : "Paid in part",
                "%s by %s".formatted(Amounts.format(amount), how));
    }

    /** The money went back: the invoice is due again as it was. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void takeBack(UUID invoiceId, Money amount, String why) {
        Invoice invoice = locked(invoiceId);
        if (!amount.isPositive() || amount.isGreaterThan(invoice.paid())) {
            throw new RuleViolation(
                    Refusal.INVOICE_NOT_IN_STATE,
                    "only %s were paid on %s".formatted(Amounts.format(invoice.paid()), invoice.number()));
        }
        rows.paid(invoiceId, amount.negated());
        timeline.add(Invoices.SUBJECT, invoiceId, "Payment returned", "%s: %s".formatted(Amounts.format(amount), why));
    }

    private Invoice locked(UUID id) {
        return rows.lock(id).orElseThrow(() -> RuleViolation.notFound("the invoice"));
    }
}
