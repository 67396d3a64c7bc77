package io.remitflow.adjustments;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.Invoices;
import io.remitflow.claims.DenialWriteOffs.DeniedAmount;
import io.remitflow.claims.Denials;
import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.ui.AgeBars;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Write-offs and corrections as people ask for them and look at them; in between is {@code bpmn/write-off.bpmn}. */
@Service
@Transactional
public class Adjustments {

    /** Subject of timelines, decisions, approvals and audit entries. */
    public static final String SUBJECT = "write-off";

    private static final int MAX_TEXT = 500;

    private final AdjustmentRows rows;
    private final PatientAccounts accounts;
    private final Denials denials;
    private final Invoices invoices;
    private final ProcessMessages messages;
    private final ProcessInstances instances;
    private final Timeline timeline;
    private final AuditLog audit;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Clock clock;

    Adjustments(
            AdjustmentRows rows,
            PatientAccounts accounts,
            Denials denials,
            Invoices invoices,
            ProcessMessages messages,
            ProcessInstances instances,
            Timeline timeline,
            AuditLog audit,
            NumberSeries numbers,
            Organizations organizations,
            Clock clock) {
        this.rows = rows;
        this.accounts = accounts;
        this.denials = denials;
        this.invoices = invoices;
        this.messages = messages;
        this.instances = instances;
        this.timeline = timeline;
        this.audit = audit;
        this.numbers = numbers;
        this.organizations = organizations;
        this.clock = clock;
    }

    /** Starts the process, in the name of the signed-in person. Nothing changes on the account before it is posted. */
    public UUID request(AdjustmentRequest request) {
        if (request.type() == AdjustmentType.REVERSAL) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reversal is asked for at what it takes back");
        }
        requireText(request.reason());
        requireInvoice(request);
        requireOwed(request);
        Adjustment adjustment = adjustment(request, CurrentUser.id(), null, null);
        rows.insert(adjustment, null);
        announce(adjustment);
        return adjustment.id();
    }

    /** Of a denied claim, in its name; the same denial and round again give the same write-off. */
    UUID request(DeniedAmount denied) {
        UUID known = rows.ofDenial(denied.denialId(), denied.round()).orElse(null);
        if (known != null) {
            return known;
        }
        var request = new AdjustmentRequest(
                denied.accountId(),
                denied.claimId(),
                Responsibility.INSURANCE,
                denied.contractual() ? AdjustmentType.CONTRACTUAL : AdjustmentType.WRITE_OFF,
                denied.amount(),
                // Nobody is there who could write it again.
                CardNumbers.removedFrom(denied.reason()));
        requireText(request.reason());
        requireOwed(request);
        Adjustment adjustment = adjustment(request, denied.requestedBy(), null, denied.denialId());
        rows.insert(adjustment, denied.round());
        announce(adjustment);
        return adjustment.id();
    }

    /** The payer paid after all; what has ended stays as it is. */
    void withdraw(UUID id, String reason) {
        AdjustmentStatus status = rows.lock(id).status();
        if (status == AdjustmentStatus.PENDING || status == AdjustmentStatus.APPROVED) {
            end(id, CardNumbers.removedFrom(reason));
        }
    }

    /** In the transaction that ended the write-off. */
    void tellDenial(Adjustment adjustment, boolean posted, @Nullable String reason) {
        UUID denialId = adjustment.denialId();
        if (denialId != null) {
            denials.writeOffEnded(denialId, adjustment.id(), posted, reason);
        }
    }

    /** In the transaction that reversed a posted write-off: what it gave up is worked on again. */
    void tellDenialTakenBack(Adjustment original) {
        UUID denialId = original.denialId();
        if (denialId != null) {
            denials.writeOffTakenBack(denialId, original.id());
        }
    }

    /** Asks for a posted one to be taken back: what it gave up is owed again once that is approved and posted. */
    public UUID requestReversal(UUID id, String reason) {
        Adjustment original = rows.lock(id);
        if (original.status() != AdjustmentStatus.POSTED || original.type() == AdjustmentType.REVERSAL) {
            throw notInState(original);
        }
        requireText(reason);
        Adjustment reversal = adjustment(
                new AdjustmentRequest(
                        original.accountId(),
                        original.claimId(),
                        original.responsibility(),
                        AdjustmentType.REVERSAL,
                        original.amount(),
                        reason),
                CurrentUser.id(),
                original.id(),
                null);
        if (!rows.insert(reversal, null)) {
            throw new RuleViolation(
                    Refusal.ADJUSTMENT_NOT_IN_STATE, "%s is being taken back already".formatted(original.number()));
        }
        announce(reversal);
        timeline.add(SUBJECT, id, "Reversal requested", reversal.number());
        return reversal.id();
    }

    /** While nothing was decided; whoever had approved must approve again. */
    public void changeAmount(UUID id, Money amount) {
        Adjustment before = rows.lock(id);
        if (before.status() != AdjustmentStatus.PENDING || before.type() == AdjustmentType.REVERSAL) {
            throw notInState(before);
        }
        var changed = new AdjustmentRequest(
                before.accountId(),
                before.claimId(),
                before.responsibility(),
                before.type(),
                amount,
                before.reason(),
                before.invoiceId());
        requireOwed(changed);
        // A memo may be more than its invoice: other invoices use up the rest.
        if (before.type() != AdjustmentType.CREDIT_MEMO) {
            requireInvoice(changed);
        }
        rows.amountChanged(id, amount, CurrentUser.id());
        messages.publish("adjustments.changed", id.toString(), Map.of());
        timeline.add(
                SUBJECT,
                id,
                "Amount changed",
                "From %s to %s; approvals so far no longer count"
                        .formatted(Amounts.format(before.amount()), Amounts.format(amount)));
        audit.record("write-off-amount-changed", SUBJECT, id.toString(), Map.of("amount", amount.toString()));
    }

    /** Possible until it is posted; the process ends. */
    public void cancel(UUID id, String reason) {
        if (reason.length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reason has at most 500 characters");
        }
        CardNumbers.requireNoneIn(reason);
        end(id, reason);
    }

    private void end(UUID id, String reason) {
        Adjustment before = rows.lock(id);
        if (before.status() != AdjustmentStatus.PENDING && before.status() != AdjustmentStatus.APPROVED) {
            throw notInState(before);
        }
        rows.ended(id, AdjustmentStatus.CANCELLED, WriteOffSteps.CANCELLED, reason.isBlank() ? null : reason);
        tellDenial(before, false, reason);
        messages.publish("adjustments.cancelled", id.toString(), Map.of());
        instances.caseEnded(WriteOffSteps.PROCESS, id.toString());
        timeline.add(SUBJECT, id, "Cancelled", reason.isBlank() ? "No reason given" : reason);
        audit.record("write-off-cancelled", SUBJECT, id.toString(), Map.of());
    }

    @Transactional(readOnly = true)
    public Adjustment get(UUID id) {
        return rows.get(id);
    }

    @Transactional(readOnly = true)
    public List<Adjustment> list(AdjustmentFilter filter) {
        return rows.list(filter);
    }

    /** Of a board: those that wait longest come first, and none is left out before them. */
    @Transactional(readOnly = true)
    public List<Adjustment> oldest(AdjustmentFilter filter) {
        return rows.oldest(filter);
    }

    /** How many there are in each state, also of what the limit of the filter leaves out. */
    @Transactional(readOnly = true)
    public Map<AdjustmentStatus, Long> counts(AdjustmentFilter filter) {
        return rows.counts(filter);
    }

    @Transactional(readOnly = true)
    public List<AdjustmentTotal> totals() {
        return rows.totals();
    }

    /** What is under way by its age, in the organization's currency. */
    @Transactional(readOnly = true)
    public AgeBars ages() {
        return rows.ages(organizations.current().currency().getCode());
    }

    /**
     * What is owed of what an adjustment would reduce; never more than the balance of the account, so that a credit
     * somewhere on it is not given away by writing off another part.
     */
    Money owed(UUID accountId, @Nullable UUID claimId, Responsibility responsibility) {
        PatientAccount account = accounts.get(accountId);
        Money ofAccount =
                responsibility == Responsibility.PATIENT ? account.patientBalance() : account.insuranceBalance();
        if (claimId == null) {
            return ofAccount;
        }
        Money ofClaim = responsibility == Responsibility.PATIENT
                ? accounts.patientBalanceOfClaim(claimId)
                : accounts.insuranceBalanceOfClaim(claimId);
        return ofClaim.isLessThan(ofAccount) ? ofClaim : ofAccount;
    }

    static RuleViolation notInState(Adjustment adjustment) {
        return new RuleViolation(
                Refusal.ADJUSTMENT_NOT_IN_STATE,
                "%s is %s".formatted(adjustment.number(), adjustment.status().key()));
    }

    private void announce(Adjustment adjustment) {
        messages.publish(
                "adjustments.requested",
                adjustment.id().toString(),
                Map.of("adjustmentId", adjustment.id().toString()));
        String words = adjustment.type().key().replace('_', ' ');
        timeline.add(
                SUBJECT,
                adjustment.id(),
                "Requested",
                "%s %s, %s, owed by %s"
                        .formatted(
                                Amounts.format(adjustment.amount()),
                                adjustment.amount().getCurrencyUnit(),
                                words,
                                adjustment.responsibility().key()));
        audit.record(
                "write-off-requested",
                SUBJECT,
                adjustment.id().toString(),
                Map.of(
                        "amount",
                        adjustment.amount().toString(),
                        "type",
                        adjustment.type().key()));
    }

    private Adjustment adjustment(
            AdjustmentRequest request, UserId requester, @Nullable UUID reverses, @Nullable UUID denialId) {
        return new Adjustment(
                Ids.next(),
                numbers.next("WO"),
                request.accountId(),
                request.claimId(),
                request.responsibility(),
                request.type(),
                organizations.today(),
                request.amount(),
                request.reason().strip(),
                AdjustmentStatus.PENDING,
                WriteOffSteps.COLLECT_FACTS,
                1,
                null,
                null,
                null,
                requester,
                requester,
                Set.of(),
                clock.instant(),
                null,
                null,
                null,
                null,
                reverses,
                denialId,
                request.invoiceId());
    }

    private void requireInvoice(AdjustmentRequest request) {
        boolean memo = request.type() == AdjustmentType.CREDIT_MEMO;
        if (memo && request.responsibility() != Responsibility.PATIENT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a credit memo reduces what the patient owes");
        }
        UUID invoiceId = request.invoiceId();
        if (invoiceId == null) {
            return;
        }
        Invoice invoice = invoices.get(invoiceId);
        boolean givenUp = request.type().givesUpInvoices() && request.responsibility() == Responsibility.PATIENT;
        if ((!memo && !givenUp) || !invoice.accountId().equals(request.accountId())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a credit memo or a write-off is for an invoice of its own account");
        }
        if (!invoice.status().isOpen() || request.amount().isGreaterThan(invoice.due())) {
            throw new RuleViolation(
                    Refusal.INVOICE_NOT_IN_STATE,
                    "%s are due on %s".formatted(Amounts.format(invoice.due()), invoice.number()));
        }
    }

    private void requireOwed(AdjustmentRequest request) {
        if (!request.amount().isPositive()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "give up more than zero");
        }
        UUID claimId = request.claimId();
        boolean foreign =
                claimId != null && !accounts.claimBalances(request.accountId()).containsKey(claimId);
        Money owed = owed(request.accountId(), claimId, request.responsibility());
        if (foreign
                || !owed.isSameCurrency(request.amount())
                || request.amount().isGreaterThan(owed)) {
            throw new RuleViolation(
                    Refusal.WRITE_OFF_EXCEEDS_BALANCE,
                    "%s cannot be given up: %s are owed; a credit balance is refunded, never written off"
                            .formatted(Amounts.format(request.amount()), Amounts.format(owed)));
        }
    }

    private static void requireText(String reason) {
        if (reason.isBlank() || reason.length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters why");
        }
        CardNumbers.requireNoneIn(reason);
    }
}
