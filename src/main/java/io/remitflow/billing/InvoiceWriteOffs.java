package io.remitflow.billing;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.workflow.Timeline;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What of an invoice is given up; who has it approved books the loss, in the same transaction. */
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class InvoiceWriteOffs {

    private final InvoiceRows rows;
    private final Timeline timeline;

    InvoiceWriteOffs(InvoiceRows rows, Timeline timeline) {
        this.rows = rows;
        this.timeline = timeline;
    }

    /** Whether so much is still due; nobody else changes the invoice until the transaction ends. */
    public boolean lockIfDue(UUID invoiceId, Money amount) {
        Invoice invoice = locked(invoiceId);
        return invoice.status().isOpen() && !amount.isGreaterThan(invoice.due());
    }

    /**
     * If nothing is left due, the invoice ends as written off.
     *
     * @throws RuleViolation {@link Refusal#INVOICE_NOT_IN_STATE} if less is due
     */
    public void writeOff(UUID invoiceId, Money amount, String number) {
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
        rows.credited(invoiceId, amount, InvoiceStatus.WRITTEN_OFF);
        timeline.add(Invoices.SUBJECT, invoiceId, "Written off", "%s by %s".formatted(Amounts.format(amount), number));
    }

    /** It is owed after all. */
    public void takeBack(UUID invoiceId, Money amount, String number) {
        Invoice invoice = locked(invoiceId);
        if (!amount.isPositive() || amount.isGreaterThan(invoice.credited())) {
            throw new RuleViolation(
                    Refusal.INVOICE_NOT_IN_STATE,
                    "only %s were given up on %s".formatted(Amounts.format(invoice.credited()), invoice.number()));
        }
        rows.credited(invoiceId, amount.negated(), InvoiceStatus.PAID);
        timeline.add(
                Invoices.SUBJECT,
                invoiceId,
                "Write-off taken back",
                "%s by %s".formatted(Amounts.format(amount), number));
    }

    private Invoice locked(UUID id) {
        return rows.lock(id).orElseThrow(() -> RuleViolation.notFound("the invoice"));
    }
}
