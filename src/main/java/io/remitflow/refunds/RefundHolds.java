package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Keeps the same money from going back twice: a refund on its way while a payer takes the overpayment back.
 *
 * <p>A refund whose money has not left goes to its approvers once more, with the reason; one that has left is marked, so
 * that people see it. One that waits for its gateway is sent again only if nobody holds it.
 */
@Service
@Transactional
public class RefundHolds {

    private static final Set<String> STOPPED_BY_MESSAGE = Set.of(RefundSteps.PAY_OUT, RefundSteps.AWAIT_ACH);

    private final RefundRows rows;
    private final PatientAccounts accounts;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    RefundHolds(
            RefundRows rows,
            PatientAccounts accounts,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.accounts = accounts;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * A remittance changed what patients owe for claims. Refunds of a credit of a claim that is no longer there
     * are held back, the newest first. Called in the transaction of the posting.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void claimsChanged(Collection<UUID> claimIds) {
        rows.underWayOfClaims(claimIds).forEach(this::claimChanged);
    }

    /** Whoever posts to these claims takes the locks on their refunds first, as a payout does. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lock(Collection<UUID> claimIds) {
        rows.underWayOfClaims(claimIds).values().stream()
                .flatMap(Collection::stream)
                .sorted()
                .forEach(rows::lock);
    }

    private void claimChanged(UUID claimId, List<UUID> refunds) {
        Money balance = accounts.patientBalanceOfClaim(claimId);
        Money left = balance.isNegative() ? balance.abs() : Money.zero(balance.getCurrencyUnit());
        for (UUID id : refunds) {
            RefundCase refund = rows.lock(id);
            Refund state = refund.state();
            if (!state.status().underWay() || state.journalEntryId() != null || state.creditBalanceId() == null) {
                continue;
            }
            if (state.amount().isGreaterThan(left)) {
                hold(
                        refund,
                        "A remittance changed the claim after this refund was requested: the credit of the patient is now %s"
                                .formatted(Amounts.format(left)));
            } else {
                left = left.minus(state.amount());
            }
        }
    }

    /**
     * A payer withholds an overpayment of a claim from its payments (PLB): refunds of that claim on their way may return
     * the same money. Called in the transaction of the posting.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void payerTakesBack(UUID claimId, Money amount) {
        for (UUID id : rows.underWayOfClaims(List.of(claimId)).getOrDefault(claimId, List.of())) {
            RefundCase refund = rows.lock(id);
            if (refund.state().status().underWay() && refund.state().journalEntryId() == null) {
                hold(
                        refund,
                        "The payer takes %s of this claim back: check that the same money does not go out twice"
                                .formatted(Amounts.format(amount)));
            }
        }
    }

    /**
     * Refunds of a payment that together are more than what is left of it are held back, the newest first. Called in the
     * transaction that takes something out of the payment, before the payment is locked.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void paymentCovers(UUID paymentId, Money left, String reason) {
        Money remaining = left;
        for (UUID id : rows.underWayOfPayment(paymentId)) {
            RefundCase refund = rows.lock(id);
            Refund state = refund.state();
            if (!state.status().underWay() || state.journalEntryId() != null) {
                continue;
            }
            if (state.amount().isGreaterThan(remaining)) {
                hold(refund, reason);
            } else {
                remaining = remaining.minus(state.amount());
            }
        }
    }

    /** Its money left although the books say that it did not: it must not leave a second time. */
    @Transactional(propagation = Propagation.MANDATORY)
    void leftUnexpectedly(RefundCase refund, String reason) {
        if (refund.state().status().underWay() && refund.state().journalEntryId() == null) {
            hold(refund, reason);
        }
    }

    /** The signed-in person holds a refund back before its money leaves; its approvers decide again. */
    public void hold(UUID id, String reason) {
        RefundCase refund = rows.lock(id);
        Refund state = refund.state();
        boolean stoppable = state.status() == RefundStatus.APPROVED
                || (state.status() == RefundStatus.PROCESSING
                        && STOPPED_BY_MESSAGE.contains(state.step())
                        && !state.left());
        if (!stoppable || state.holdReason() != null) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE, "refund %s cannot be held back now".formatted(state.number()));
        }
        if (reason.isBlank() || reason.length() > 500) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why, in 1 to 500 characters");
        }
        CardNumbers.requireNoneIn(reason);
        hold(refund, reason.strip());
    }

    private void hold(RefundCase refund, String reason) {
        Refund before = refund.state();
        if (reason.equals(before.holdReason())) {
            return;
        }
        boolean waitsForPayout = before.status() == RefundStatus.PROCESSING
                && STOPPED_BY_MESSAGE.contains(before.step())
                && !before.left();
        boolean gone = before.status() == RefundStatus.PROCESSING && !waitsForPayout;
        boolean unknown = gone && !before.left() && before.step().equals(RefundSteps.AWAIT_GATEWAY);
        refund.held(reason);
        rows.save(refund.state(), clock.instant());
        if (before.status() == RefundStatus.PENDING) {
            messages.publish("refunds.changed", before.id().toString(), Map.of());
        }
        if (waitsForPayout && before.holdReason() == null) {
            messages.publish("refunds.held", before.id().toString(), Map.of());
        }
        timeline.add(
                Refunds.SUBJECT,
                before.id(),
                CurrentUser.find().orElse(null),
                gone ? "Warning" : "Held back",
                unknown
                        ? reason + ". If the gateway does not have it yet, it is not sent"
                        : gone ? reason + ". Its money is already on its way" : reason);
        audit.record(
                "refund-held", Refunds.SUBJECT, before.id().toString(), Map.of("gone", unknown ? "unknown" : gone));
    }
}
