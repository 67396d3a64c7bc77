package io.remitflow.adjustments;

import static io.remitflow.ledger.StandardAccount.ALLOWANCE;
import static io.remitflow.ledger.StandardAccount.AR_INSURANCE;
import static io.remitflow.ledger.StandardAccount.AR_PATIENTS;
import static io.remitflow.ledger.StandardAccount.BAD_DEBT_EXPENSE;
import static io.remitflow.ledger.StandardAccount.CHARITY_CARE;
import static io.remitflow.ledger.StandardAccount.CONTRACTUAL_ADJUSTMENTS;
import static io.remitflow.ledger.StandardAccount.PRICE_CONCESSIONS;

import io.remitflow.billing.CreditMemos;
import io.remitflow.billing.InvoiceWriteOffs;
import io.remitflow.billing.NewCreditMemo;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.PostedEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.Timeline;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Books an approved write-off, or takes a booked one back: journal and patient account together. */
@Service
@Transactional
public class AdjustmentPosting {

    private final AdjustmentRows rows;
    private final Adjustments adjustments;
    private final AdjustmentApprovals approvals;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final ChartOfAccounts chart;
    private final CreditMemos memos;
    private final InvoiceWriteOffs invoices;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;

    AdjustmentPosting(
            AdjustmentRows rows,
            Adjustments adjustments,
            AdjustmentApprovals approvals,
            PatientAccounts accounts,
            Journal journal,
            ChartOfAccounts chart,
            CreditMemos memos,
            InvoiceWriteOffs invoices,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit) {
        this.rows = rows;
        this.adjustments = adjustments;
        this.approvals = approvals;
        this.accounts = accounts;
        this.journal = journal;
        this.chart = chart;
        this.memos = memos;
        this.invoices = invoices;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
    }

    /**
     * Posts in the open period. Repeating it changes nothing. If so much is no longer owed, because somebody paid meanwhile,
     * nothing is posted and the write-off ends as cancelled.
     *
     * @return whether it is posted
     * @throws io.remitflow.core.RuleViolation if it is not approved as it stands, whatever its status says
     */
    public boolean post(UUID id) {
        Adjustment adjustment = rows.lock(id);
        if (adjustment.status() == AdjustmentStatus.POSTED || adjustment.status() == AdjustmentStatus.REVERSED) {
            return true;
        }
        if (adjustment.status() == AdjustmentStatus.CANCELLED) {
            return false;
        }
        if (!approvals.isApproved(adjustment)) {
            throw Adjustments.notInState(adjustment);
        }
        UUID reversed = adjustment.reverses();
        if (reversed != null) {
            takeBack(adjustment, rows.lock(reversed));
            return true;
        }
        UUID givenUp = adjustment.type().givesUpInvoices() ? adjustment.invoiceId() : null;
        if (givenUp != null && !invoices.lockIfDue(givenUp, adjustment.amount())) {
            withdraw(adjustment, "So much is no longer due on the invoice");
            return false;
        }
        accounts.lock(List.of(adjustment.accountId()));
        Money owed = adjustments.owed(adjustment.accountId(), adjustment.claimId(), adjustment.responsibility());
        if (adjustment.amount().isGreaterThan(owed)) {
            withdraw(adjustment, "So much is no longer owed: a credit balance is never written off");
            return false;
        }
        NewEntry.Builder lines = NewEntry.on(
                organizations.today(), "adjustments", "write-off:" + id, "Write-off " + adjustment.number());
        bearers(adjustment).forEach(lines::debit);
        PostedEntry entry = journal.post(lines.credit(receivable(adjustment), adjustment.amount())
                .reference(Adjustments.SUBJECT, id)
                .referenceNumber(adjustment.number())
                .inOpenPeriod()
                .build());
        record(adjustment, adjustment.amount().negated(), entry);
        if (givenUp != null) {
            invoices.writeOff(givenUp, adjustment.amount(), adjustment.number());
        }
        if (adjustment.type() == AdjustmentType.CREDIT_MEMO) {
            memos.issue(new NewCreditMemo(
                    id,
                    adjustment.accountId(),
                    adjustment.invoiceId(),
                    organizations.today(),
                    adjustment.amount(),
                    adjustment.reason(),
                    entry.id()));
        }
        return true;
    }

    /** The entry itself is reversed, linked both ways, so that no account that bore it is guessed again. */
    private void takeBack(Adjustment reversal, Adjustment original) {
        if (original.status() != AdjustmentStatus.POSTED) {
            throw Adjustments.notInState(original);
        }
        accounts.lock(List.of(reversal.accountId()));
        PostedEntry entry = journal.takeBack(
                Objects.requireNonNull(original.journalEntryId()),
                "Write-off " + original.number() + " taken back",
                "write-off:" + reversal.id());
        record(reversal, reversal.amount(), entry);
        if (original.type() == AdjustmentType.CREDIT_MEMO) {
            memos.takeBack(original.id());
        }
        UUID givenUp = original.type().givesUpInvoices() ? original.invoiceId() : null;
        if (givenUp != null) {
            invoices.takeBack(givenUp, original.amount(), reversal.number());
        }
        rows.reversed(original.id());
        adjustments.tellDenialTakenBack(original);
        timeline.add(Adjustments.SUBJECT, original.id(), "Taken back", "By " + reversal.number());
    }

    private void record(Adjustment adjustment, Money signed, PostedEntry entry) {
        accounts.record(new AccountPosting(
                adjustment.accountId(),
                organizations.today(),
                switch (adjustment.type()) {
                    case CONTRACTUAL -> TransactionType.ADJUSTMENT;
                    case CREDIT_MEMO -> TransactionType.CREDIT;
                    default -> TransactionType.WRITE_OFF;
                },
                adjustment.responsibility(),
                signed,
                adjustment.claimId(),
                null,
                null,
                entry.id(),
                "Write-off " + adjustment.number(),
                "write-off:" + adjustment.id()));
        rows.posted(adjustment.id(), entry.id(), organizations.today());
        adjustments.tellDenial(adjustment, true, null);
        timeline.add(Adjustments.SUBJECT, adjustment.id(), "Posted", "Journal entry " + entry.number());
        audit.record(
                "write-off-posted",
                Adjustments.SUBJECT,
                adjustment.id().toString(),
                Map.of("amount", adjustment.amount().toString(), "entry", entry.number()));
    }

    private void withdraw(Adjustment adjustment, String reason) {
        rows.ended(adjustment.id(), AdjustmentStatus.CANCELLED, WriteOffSteps.CANCELLED, reason);
        adjustments.tellDenial(adjustment, false, reason);
        timeline.add(Adjustments.SUBJECT, adjustment.id(), "Not posted", reason);
        audit.record(
                "write-off-withdrawn",
                Adjustments.SUBJECT,
                adjustment.id().toString(),
                Map.of("amount", adjustment.amount().toString()));
    }

    /**
     * Bad debt was an expense already when the allowance was made: it uses up what is left of that, and the rest is an
     * expense now. So the allowance never becomes a debt of its own.
     */
    private Map<StandardAccount, Money> bearers(Adjustment adjustment) {
        Money amount = adjustment.amount();
        return switch (adjustment.type()) {
            case CONTRACTUAL, PRICE_CORRECTION, CODING_CORRECTION -> Map.of(CONTRACTUAL_ADJUSTMENTS, amount);
            case DISCOUNT, COURTESY, WRITE_OFF, CREDIT_MEMO, OTHER -> Map.of(PRICE_CONCESSIONS, amount);
            case CHARITY -> Map.of(CHARITY_CARE, amount);
            case BAD_DEBT, SMALL_BALANCE -> ofAllowance(amount);
            case REVERSAL -> throw new IllegalStateException("a reversal reverses an entry");
        };
    }

    private Map<StandardAccount, Money> ofAllowance(Money amount) {
        rows.takeTurnsWithAllowance();
        Money left = chart.get(ALLOWANCE).balance();
        if (!left.getCurrencyUnit().equals(amount.getCurrencyUnit()) || !left.isPositive()) {
            return Map.of(BAD_DEBT_EXPENSE, amount);
        }
        if (!left.isLessThan(amount)) {
            return Map.of(ALLOWANCE, amount);
        }
        Map<StandardAccount, Money> both = new EnumMap<>(StandardAccount.class);
        both.put(ALLOWANCE, left);
        both.put(BAD_DEBT_EXPENSE, amount.minus(left));
        return both;
    }

    private static StandardAccount receivable(Adjustment adjustment) {
        return adjustment.responsibility() == Responsibility.PATIENT ? AR_PATIENTS : AR_INSURANCE;
    }
}
