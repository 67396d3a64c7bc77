package io.remitflow.billing;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.NumberSeries;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Credit memos: issued when an adjustment of that type is posted, used up by invoices of the same account.
 *
 * <p>The account was credited when the memo was issued; applying it to an invoice moves no money and needs no further
 * approval.
 */
@Service
@Transactional
public class CreditMemos {

    private static final int PAGE = 200;

    private final CreditMemoRows rows;
    private final Invoices invoices;
    private final NumberSeries numbers;
    private final Timeline timeline;
    private final AuditLog audit;

    CreditMemos(CreditMemoRows rows, Invoices invoices, NumberSeries numbers, Timeline timeline, AuditLog audit) {
        this.rows = rows;
        this.invoices = invoices;
        this.numbers = numbers;
        this.timeline = timeline;
        this.audit = audit;
    }

    /**
     * In the transaction that posts the adjustment. The invoice that it was meant for takes what is still due on it, the rest
     * remains.
     */
    public UUID issue(NewCreditMemo memo) {
        UUID id = Ids.next();
        rows.insert(id, numbers.next("CM"), memo);
        UUID invoiceId = memo.invoiceId();
        if (invoiceId != null) {
            Invoice invoice = invoices.locked(invoiceId);
            Money part = invoice.due().isLessThan(memo.amount()) ? invoice.due() : memo.amount();
            if (invoice.status().isOpen() && part.isPositive()) {
                apply(rows.lock(id).orElseThrow(), invoice, part);
            }
        }
        return id;
    }

    /** Takes so much of what remains of a memo off an open invoice of the same account. */
    public void apply(UUID id, UUID invoiceId, Money amount) {
        CreditMemo memo = rows.lock(id).orElseThrow(() -> RuleViolation.notFound("the credit memo"));
        Invoice invoice = invoices.locked(invoiceId);
        if (!invoice.accountId().equals(memo.accountId())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the invoice belongs to another account");
        }
        if (!amount.isPositive()
                || !amount.isSameCurrency(memo.remaining())
                || amount.isGreaterThan(memo.remaining())) {
            throw new RuleViolation(
                    Refusal.CREDIT_MEMO_USED_UP,
                    "%s remain of %s".formatted(Amounts.format(memo.remaining()), memo.number()));
        }
        apply(memo, invoice, amount);
    }

    /** In the transaction that takes the adjustment back: its invoices owe again what it had taken off them. */
    public void takeBack(UUID adjustmentId) {
        CreditMemo memo =
                rows.lockOfAdjustment(adjustmentId).orElseThrow(() -> RuleViolation.notFound("the credit memo"));
        if (memo.status() == CreditMemo.Status.VOID) {
            return;
        }
        for (CreditMemoRows.Applied applied : rows.appliedNow(memo.id())) {
            apply(memo, invoices.locked(applied.invoiceId()), applied.amount().negated());
        }
        rows.voided(memo.id());
        audit.record("credit-memo-voided", "credit-memo", memo.id().toString(), Map.of("number", memo.number()));
    }

    @Transactional(readOnly = true)
    public CreditMemo get(UUID id) {
        return rows.find(id).orElseThrow(() -> RuleViolation.notFound("the credit memo"));
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<CreditMemo> list(@Nullable UUID accountId, boolean remainingOnly, @Nullable UUID after, int limit) {
        return rows.list(accountId, remainingOnly, after, Math.clamp(limit, 1, PAGE));
    }

    /** Oldest first; what was taken back is a negative one. */
    @Transactional(readOnly = true)
    public List<CreditMemo.Application> applicationsOf(UUID id) {
        return rows.applications(id, null);
    }

    @Transactional(readOnly = true)
    public List<CreditMemo.Application> applicationsTo(UUID invoiceId) {
        return rows.applications(null, invoiceId);
    }

    private void apply(CreditMemo memo, Invoice invoice, Money amount) {
        invoices.credit(invoice, amount);
        rows.apply(memo, invoice.id(), amount);
        timeline.add(
                Invoices.SUBJECT,
                invoice.id(),
                amount.isPositive() ? "Credited" : "Credit taken back",
                "%s by %s".formatted(Amounts.format(amount), memo.number()));
        audit.record(
                "credit-memo-applied",
                "credit-memo",
                memo.id().toString(),
                Map.of("invoice", invoice.number(), "amount", amount.toString()));
    }
}
