package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalance.Owner;
import io.remitflow.refunds.CreditBalance.State;
import io.remitflow.refunds.CreditClassification.PayerClass;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Claims and accounts for which a patient or a payer paid more than is owed, as cases: opened, changed and closed by what is
 * posted, whatever it is.
 *
 * <p>What people do with a case is {@link CreditCases}.
 */
@Service
@Transactional
public class CreditBalances {

    /** Subject of timelines, decisions and audit entries. */
    public static final String SUBJECT = "credit-balance";

    private static final int MAX_NOTE = 2_000;

    private final CreditRows rows;
    private final CreditReturnRows returns;
    private final CreditProposals proposals;
    private final Payments payments;
    private final Organizations organizations;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    CreditBalances(
            CreditRows rows,
            CreditReturnRows returns,
            CreditProposals proposals,
            Payments payments,
            Organizations organizations,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.returns = returns;
        this.proposals = proposals;
        this.payments = payments;
        this.organizations = organizations;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Opens, updates or closes the case of a claim after its patient balance changed; negative means a credit.
     *
     * <p>Called in the transaction that changed the balance.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void claimSettled(UUID accountId, UUID claimId) {
        settle(accountId, claimId, "The patient paid more than the remittance left to pay");
    }

    /**
     * Opens, updates or closes the case of a payer who paid more for a claim than was left to pay; it is resolved by a
     * takeback, a reversal or a refund to the payer.
     *
     * <p>Called in the transaction that changed the balance.
     *
     * @param credit zero or positive: by how much the insurance balance of the claim is negative, at least what was paid twice
     * @param paidTwice whether the payment looks like one that came before
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void payerCredit(UUID accountId, UUID claimId, UUID payerId, Money credit, String cause, boolean paidTwice) {
        Optional<CreditBalance> known = rows.unresolved(claimId, Owner.PAYER);
        if (!credit.isPositive()) {
            known.ifPresent(
                    each -> resolve(each, Closing.BALANCE_GONE, "The claim has no credit of a payer any more", null));
        } else if (known.isEmpty()) {
            open(accountId, claimId, null, payerId, credit, cause, paidTwice);
        } else if (!known.get().amount().isEqual(credit)) {
            change(known.get(), credit, null);
        }
    }

    /**
     * Hears what a payer moved for a claim outside of claims (PLB). Money that it took ends the case of its credit, or
     * lessens what may be returned of it; money that it will take, and a confirmed refund of ours, are noted as evidence.
     * Nothing is posted: that is the affair of the remittance.
     *
     * <p>Called in the transaction that recorded it.
     *
     * @param payerId another payer's credit of the claim stays as it is
     * @param amount positive was taken from the payment, negative added to it
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void payerTookBack(
            UUID claimId, UUID payerId, Money amount, Move move, UUID remittanceId, String traceNumber) {
        Optional<CreditBalance> open =
                rows.unresolved(claimId, Owner.PAYER).filter(credit -> payerId.equals(credit.payerId()));
        String text = switch (move) {
            case OUR_REFUND -> "The payer confirmed a refund of ours with payment " + traceNumber;
            case OLD -> "The payer took what it had announced from payment " + traceNumber;
            case NEW ->
                amount.isPositive()
                        ? "The payer took the money back from payment " + traceNumber
                        : "The payer announced with payment " + traceNumber + " that it will take the money back";
        };
        // What settles an announcement is about the credit of that time, not about the one that stands there now.
        Optional<CreditBalance> concerned =
                open.or(() -> rows.latest(claimId, Owner.PAYER).filter(credit -> payerId.equals(credit.payerId())));
        concerned
                .filter(credit -> move != Move.OLD || credit.isResolved())
                .ifPresent(credit -> note(credit.id(), text, amount.abs(), remittanceId));
        if (open.isPresent() && move == Move.NEW) {
            CreditBalance credit = open.get();
            timeline.add(SUBJECT, credit.id(), null, amount.isPositive() ? "Taken back" : "Takeback announced", text);
            if (credit.isTakenInFull()) {
                resolve(credit, Closing.TAKEN_BACK, text, credit.amount());
            } else {
                announced(credit, text);
                // What is under way would return the same money a second time.
                stopReturn(credit, "The payer takes the money back itself");
            }
        }
        takingsChanged(claimId);
    }

    /** The credits of a payer that claims have in the books, whatever became of their cases; the wanted amount first. */
    @Transactional(readOnly = true)
    public List<PayerCredit> creditsOf(UUID payerId, Money wanted, int limit) {
        return rows.creditsOf(payerId, wanted, null, limit);
    }

    /** As {@link #creditsOf(UUID, Money, int)}, of one claim. */
    @Transactional(readOnly = true)
    public Optional<PayerCredit> creditOf(UUID payerId, Money wanted, String controlNumber) {
        return rows.creditsOf(payerId, wanted, controlNumber, 1).stream().findFirst();
    }

    /**
     * The signed-in person set what the payer took outside of claims against a credit of it, or took that back.
     *
     * <p>Called in the transaction that posted it.
     *
     * @param amount negative: it was taken back
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void setAgainst(UUID claimId, UUID payerId, Money amount, UUID remittanceId, String traceNumber) {
        String text = (amount.isPositive()
                        ? "%s that the payer took with payment %s was set against the credit"
                        : "%s that the payer took with payment %s is no longer set against the credit")
                .formatted(Amounts.format(amount.abs()), traceNumber);
        rows.latest(claimId, Owner.PAYER)
                .filter(credit -> payerId.equals(credit.payerId()))
                .ifPresent(credit -> {
                    note(credit.id(), text, amount.abs(), remittanceId);
                    timeline.add(SUBJECT, credit.id(), CurrentUser.id(), "Set against", text);
                });
        takingsChanged(claimId);
    }

    /** What a payer moved outside of claims. */
    public enum Move {
        /** It took money, or announced that it will. */
        NEW,
        /** It took what it had announced before. */
        OLD,
        /** It speaks of a refund of ours (72), not of a recovery (WO). */
        OUR_REFUND
    }

    /**
     * Something else is taken for a claim than before: a case that ended as taken back may be owed again.
     *
     * <p>Called in the transaction that changed it.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void takingsChanged(UUID claimId) {
        rows.forgetTakenBack(claimId);
        posted(List.of(), List.of(claimId));
    }

    /**
     * Opens, updates and closes the cases of accounts and claims to which something was posted, also those of the money that
     * belongs to no claim. Repeating it changes nothing.
     *
     * <p>Called in the transaction that changed the balances, which holds their accounts.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void posted(Collection<UUID> accountIds, Collection<UUID> claimIds) {
        for (CreditRows.Difference found : rows.differences(accountIds, claimIds)) {
            UUID claimId = found.claimId();
            if (claimId == null || found.owner().equals(Owner.PATIENT.key())) {
                settle(
                        found.accountId(),
                        claimId,
                        claimId == null
                                ? "More was paid to the account than it owes"
                                : "The patient paid more than was left to pay");
            } else {
                CreditBalance known = rows.unresolved(claimId, Owner.PAYER).orElse(null);
                UUID payerId = known == null ? null : known.payerId();
                payerCredit(
                        found.accountId(),
                        claimId,
                        payerId == null ? rows.payerOf(claimId) : payerId,
                        Amounts.ofMinor(found.amountMinor(), found.currency()),
                        "The payer paid more than is left of the claim",
                        false);
            }
        }
        rows.forgetDismissed(accountIds, claimIds);
        rows.unresolvedOf(claimIds).stream()
                .filter(CreditBalance::isTakenInFull)
                .forEach(credit -> resolve(
                        credit, Closing.TAKEN_BACK, "The payer took all of it from later payments", credit.amount()));
    }

    /** @param claimId null: the money of the account that belongs to no claim */
    void settle(UUID accountId, @Nullable UUID claimId, String cause) {
        Money credit = Amounts.ofMinor(
                rows.patientCreditMinor(accountId, claimId),
                organizations.current().currency().getCode());
        Optional<CreditBalance> known = rows.unresolvedOfPatient(accountId, claimId, true);
        if (credit.isPositive()) {
            UUID payment = paymentToReturn(accountId, claimId, credit);
            if (known.isEmpty()) {
                open(accountId, claimId, payment, null, credit, cause, false);
            } else if (!known.get().amount().isEqual(credit)) {
                change(known.get(), credit, payment);
            }
        } else {
            String gone = claimId == null ? "The account has no credit any more" : "The claim has no credit any more";
            known.ifPresent(each -> resolve(each, Closing.BALANCE_GONE, gone, null));
        }
    }

    /** Looks again at the claim of a case after something was posted that belongs to it. */
    void settleAgain(CreditBalance credit) {
        UUID payerId = credit.payerId();
        UUID claimId = credit.claimId();
        if (payerId == null || claimId == null) {
            settle(credit.accountId(), claimId, credit.cause());
        } else {
            Money left = Amounts.ofMinor(
                    rows.payerCreditMinor(credit.accountId(), claimId),
                    credit.amount().getCurrencyUnit().getCode());
            payerCredit(credit.accountId(), claimId, payerId, left, credit.cause(), false);
        }
    }

    /** What was paid back did not arrive. A case that it had closed goes on as another one, whose clock never stood still. */
    void owedAgain(CreditBalance before) {
        settleAgain(before);
        UUID claimId = before.claimId();
        Optional<CreditBalance> open = before.owner() == Owner.PAYER && claimId != null
                ? rows.unresolved(claimId, Owner.PAYER)
                : rows.unresolvedOfPatient(before.accountId(), claimId, true);
        open.filter(again -> again.identifiedOn().isAfter(before.identifiedOn()))
                .ifPresent(again -> {
                    rows.identified(again.id(), before.identifiedOn());
                    wind(rows.get(again.id()));
                    tell(again.id());
                });
    }

    @Transactional(readOnly = true)
    public CreditBalance get(UUID id) {
        return rows.get(id);
    }

    /** Unresolved ones first, then by the day their refund is due. */
    @Transactional(readOnly = true)
    public List<CreditBalance> list(CreditBalance.@Nullable State state, int limit) {
        return list(new CreditFilter(state, state == null, null, null, null, false, null, limit));
    }

    /** Unresolved ones first, then by the day they are due. */
    @Transactional(readOnly = true)
    public List<CreditBalance> list(CreditFilter filter) {
        return rows.list(filter, organizations.today());
    }

    /** Of what is not resolved in the organization's currency, by owner. */
    @Transactional(readOnly = true)
    public List<CreditAging> aging() {
        return rows.aging(
                organizations.today(), organizations.current().currency().getCode());
    }

    /** What is not resolved of these claims, by the id of its case. */
    @Transactional(readOnly = true)
    public Map<UUID, CreditBalance> unresolvedOf(Collection<UUID> claimIds) {
        return rows.unresolvedOf(claimIds).stream()
                .collect(Collectors.toMap(
                        CreditBalance::id, Function.identity(), (one, other) -> one, LinkedHashMap::new));
    }

    /** Sum of what is not resolved, in the organization's currency. */
    @Transactional(readOnly = true)
    public Money unresolvedTotal() {
        String currency = organizations.current().currency().getCode();
        return Amounts.ofMinor(rows.unresolvedMinor(currency), currency);
    }

    @Transactional(readOnly = true)
    public long openCount() {
        return rows.openCount();
    }

    @Transactional(readOnly = true)
    public List<CreditEvidence> evidence(UUID id) {
        return rows.evidence(id);
    }

    @Transactional(readOnly = true)
    public List<CreditInvestigation> investigations(UUID id) {
        return rows.investigations(id);
    }

    /** What the case was taken for, the proposal of the books first. */
    @Transactional(readOnly = true)
    public List<Classified> classifications(UUID id) {
        return rows.classifications(id).stream()
                .map(row -> new Classified(row.classification(), row.evidence(), row.decidedBy(), row.decidedAt()))
                .toList();
    }

    /** @param decidedBy null: proposed by the books */
    public record Classified(
            CreditClassification classification,
            String evidence,
            @Nullable UserId decidedBy,
            java.time.Instant decidedAt) {}

    @Transactional(readOnly = true)
    public CreditClock.Deadline deadline(CreditBalance credit) {
        return clockOf(credit.classification(), credit.identifiedOn())
                .deadline(rows.investigations(credit.id()).stream()
                        .map(each -> new CreditClock.Investigation(each.openedOn(), each.concludedOn()))
                        .toList());
    }

    /** When it becomes unclaimed property; empty for money that never does. */
    @Transactional(readOnly = true)
    public Optional<Dormancy> dormancy(CreditBalance credit) {
        return Dormancy.of(credit.classification(), credit.identifiedOn(), rows.settings());
    }

    /** The signed-in person wrote to the owner, as states ask before a credit is reported to them as unclaimed. */
    public void letterSent(UUID id, LocalDate sentOn) {
        CreditBalance credit = rows.lock(id);
        requireUnresolved(credit);
        if (dormancy(credit).isEmpty()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "money of Medicare or Medicaid never becomes unclaimed property");
        }
        if (sentOn.isBefore(credit.identifiedOn()) || sentOn.isAfter(organizations.today())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a letter was sent after the credit was found, and not in the future");
        }
        rows.letterSent(id, sentOn);
        timeline.add(SUBJECT, id, CurrentUser.id(), "Owner written to", "On " + sentOn);
        audit.record("credit-balance-letter", SUBJECT, id.toString(), Map.of("sentOn", sentOn.toString()));
        tell(id);
    }

    /** In the name of the signed-in person, as long as the case is not over; never changed afterwards. */
    public UUID addEvidence(
            UUID id,
            String note,
            @Nullable Money amount,
            @Nullable LocalDate dated,
            @Nullable UUID remittanceId,
            @Nullable UUID paymentId,
            @Nullable UUID journalEntryId) {
        CreditBalance credit = rows.lock(id);
        requireUnresolved(credit);
        String text = note.strip();
        if (text.isEmpty() || text.length() > MAX_NOTE) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 2,000 characters what was found out");
        }
        if (amount != null && !amount.getCurrencyUnit().equals(credit.amount().getCurrencyUnit())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an amount is in the currency of the credit");
        }
        var evidence = new CreditEvidence(
                Ids.next(),
                text,
                amount,
                dated,
                remittanceId,
                paymentId,
                journalEntryId,
                CurrentUser.id(),
                clock.instant());
        try {
            rows.addEvidence(id, evidence);
        } catch (DataIntegrityViolationException e) {
            throw RuleViolation.notFound("the remittance, payment or journal entry");
        }
        audit.record(
                "credit-balance-evidence",
                SUBJECT,
                id.toString(),
                Map.of("evidence", evidence.id().toString()));
        return evidence.id();
    }

    @Transactional(readOnly = true)
    public CreditBalanceSettings settings() {
        return rows.settings();
    }

    /** The clocks of open cases follow at once. */
    public void changeSettings(CreditBalanceSettings settings) {
        CreditBalanceSettings before = rows.settings();
        if (before.equals(settings)) {
            return;
        }
        rows.saveSettings(settings);
        audit.record(
                "settings.credit-balances-changed",
                "settings",
                "credit-balances",
                Map.of("before", before.toString(), "after", settings.toString()));
        rows.unresolved().forEach(credit -> {
            wind(credit);
            tell(credit.id());
        });
    }

    /** The case of the patient's credit that a refund of this payment would return. */
    Optional<CreditBalance> unresolvedOf(Payment payment, boolean lock) {
        return rows.unresolvedOfPatient(payment.accountId(), payment.claimId(), lock);
    }

    void refundRequested(@Nullable UUID id) {
        if (id != null && rows.changeState(id, State.OPEN, State.REFUND_REQUESTED, CreditBalanceSteps.AWAIT_REFUND)) {
            tell(id);
        }
    }

    /** A refund was rejected or cancelled: the credit is still there, for a person to decide unless another one goes on. */
    void refundAbandoned(@Nullable UUID id, UUID refundId) {
        if (id == null || rows.hasRefundUnderWay(id, refundId)) {
            return;
        }
        String step = rows.get(id).classifiedBy() == null ? CreditBalanceSteps.CLASSIFY : CreditBalanceSteps.RESOLVE;
        if (rows.changeState(id, State.REFUND_REQUESTED, State.OPEN, step)) {
            tell(id);
        }
    }

    /** What is left of the case after money went back. */
    void moneyMoved(UUID accountId, @Nullable UUID claimId, @Nullable UUID id, UUID refundId) {
        refundAbandoned(id, refundId);
        settle(accountId, claimId, "The patient paid more than is owed");
    }

    /** A refund did not arrive: its money is owed since the day the credit was found, as if it had never left. */
    void moneyCameBack(UUID accountId, @Nullable UUID claimId, @Nullable UUID id, UUID refundId) {
        refundAbandoned(id, refundId);
        settle(accountId, claimId, "A refund came back");
        if (id != null) {
            owedAgain(rows.get(id));
        }
    }

    /** Computes until when it is due, and keeps that. */
    CreditClock.Deadline wind(CreditBalance credit) {
        CreditClock.Deadline deadline = deadline(credit);
        if (!deadline.dueOn().equals(credit.refundDue())) {
            rows.due(credit.id(), deadline.dueOn());
        }
        return deadline;
    }

    /** Cases older than their process were never looked at by the books. */
    CreditBalance proposed(CreditBalance credit) {
        if (credit.classification() != null) {
            return credit;
        }
        var proposal =
                proposals.propose(credit.accountId(), credit.claimId(), credit.payerId(), credit.amount(), false);
        rows.classify(credit.id(), proposal.classification(), proposal.evidence(), null);
        wind(rows.get(credit.id()));
        return rows.get(credit.id());
    }

    /** Whatever its process waits for, it looks again. */
    void tell(UUID id) {
        messages.publish(CreditBalanceSteps.CHANGED_MESSAGE, id.toString(), Map.of());
    }

    /**
     * Whatever is under way for it ends as well.
     *
     * @param dismissed what stands in the books all the same; null if nothing does
     */
    void resolve(CreditBalance credit, Closing closing, String resolution, @Nullable Money dismissed) {
        UUID id = credit.id();
        returns.underWay(id).ifPresent(each -> returns.end(each.id(), CreditReturn.Status.CANCELLED));
        rows.concludeInvestigation(id, organizations.today(), null, "The case was closed: " + resolution);
        rows.resolve(id, closing, resolution, dismissed);
        timeline.add(SUBJECT, id, "Closed", resolution);
        audit.record("credit-balance-resolved", SUBJECT, id.toString(), Map.of("closing", closing.key()));
        tell(id);
    }

    static void requireUnresolved(CreditBalance credit) {
        if (credit.isResolved()) {
            throw new RuleViolation(Refusal.CREDIT_BALANCE_RESOLVED, "this credit balance is closed");
        }
    }

    private CreditClock clockOf(@Nullable CreditClassification classification, LocalDate identifiedOn) {
        CreditBalanceSettings settings = rows.settings();
        PayerClass payerClass = classification == null ? PayerClass.SELF_PAY : classification.payerClass();
        return switch (payerClass) {
            case MEDICARE -> CreditClock.ofMedicare(identifiedOn);
            case MEDICAID -> CreditClock.of(identifiedOn, settings.medicaidDays());
            case COMMERCIAL, OTHER -> CreditClock.of(identifiedOn, settings.commercialDays());
            case SELF_PAY -> CreditClock.of(identifiedOn, settings.patientDays());
        };
    }

    /** The newest payment that covers the whole credit, or else the one with most left. */
    private @Nullable UUID paymentToReturn(UUID accountId, @Nullable UUID claimId, Money credit) {
        List<Payment> paid = claimId == null
                ? payments.ofAccount(accountId).stream()
                        .filter(payment -> payment.claimId() == null)
                        .toList()
                : payments.ofClaim(claimId);
        List<Payment> refundable = paid.stream()
                .filter(payment -> payment.refundable().isPositive())
                .toList();
        return refundable.stream()
                .filter(payment -> !payment.refundable().isLessThan(credit))
                .findFirst()
                .or(() -> refundable.stream().max(Comparator.comparing(Payment::refundable)))
                .map(Payment::id)
                .orElse(null);
    }

    private void open(
            UUID accountId,
            @Nullable UUID claimId,
            @Nullable UUID paymentId,
            @Nullable UUID payerId,
            Money credit,
            String cause,
            boolean paidTwice) {
        Owner owner = payerId == null ? Owner.PATIENT : Owner.PAYER;
        if (rows.wasDismissed(accountId, claimId, owner, credit) || isTakenBack(claimId, payerId, credit)) {
            return;
        }
        UUID id = Ids.next();
        LocalDate today = organizations.today();
        var proposal = proposals.propose(accountId, claimId, payerId, credit, paidTwice);
        rows.insert(new CreditBalance(
                id,
                accountId,
                claimId,
                paymentId,
                payerId,
                credit,
                cause,
                State.OPEN,
                clockOf(proposal.classification(), today).deadline(List.of()).dueOn(),
                clock.instant(),
                null,
                null,
                owner,
                CreditBalanceSteps.CLASSIFY,
                proposal.classification(),
                null,
                null,
                today,
                null,
                null,
                null,
                null,
                null,
                null,
                Money.zero(credit.getCurrencyUnit()),
                Money.zero(credit.getCurrencyUnit())));
        rows.classify(id, proposal.classification(), proposal.evidence(), null);
        messages.publish(CreditBalanceSteps.OPENED_MESSAGE, id.toString(), Map.of("creditId", id.toString()));
        timeline.add(SUBJECT, id, null, "Found", "%s %s".formatted(Amounts.format(credit), credit.getCurrencyUnit()));
        audit.record("credit-balance-opened", SUBJECT, id.toString(), Map.of("amount", credit.toString()));
    }

    private boolean isTakenBack(@Nullable UUID claimId, @Nullable UUID payerId, Money credit) {
        return claimId != null
                && payerId != null
                && !rows.taken(claimId, payerId, credit.getCurrencyUnit().getCode())
                        .isLessThan(credit)
                && rows.stillTakenBack(claimId, payerId, credit);
    }

    private void change(CreditBalance before, Money credit, @Nullable UUID paymentId) {
        rows.amount(before.id(), credit, paymentId);
        timeline.add(
                SUBJECT,
                before.id(),
                null,
                "Changed",
                "From %s to %s".formatted(Amounts.format(before.amount()), Amounts.format(credit)));
        audit.record("credit-balance-changed", SUBJECT, before.id().toString(), Map.of("amount", credit.toString()));
        Money left = rows.get(before.id()).left();
        boolean tooMuch = returns.underWay(before.id())
                .filter(each -> each.amount().isGreaterThan(left))
                .isPresent();
        if (tooMuch) {
            stopReturn(before, "What may be returned is only %s now".formatted(Amounts.format(left)));
        } else {
            tell(before.id());
        }
    }

    /** As long as no person has said how it arose. */
    private void announced(CreditBalance credit, String text) {
        CreditClassification known = credit.classification();
        if (known != null && credit.classifiedBy() == null) {
            rows.classify(
                    credit.id(),
                    new CreditClassification(
                            known.belongsTo(), known.payerClass(), CreditClassification.Cause.TAKEBACK_PENDING),
                    text,
                    null);
        }
    }

    private void stopReturn(CreditBalance credit, String reason) {
        returns.underWay(credit.id()).ifPresent(each -> {
            returns.end(each.id(), CreditReturn.Status.CANCELLED);
            rows.step(credit.id(), CreditBalanceSteps.RESOLVE, reason);
            timeline.add(SUBJECT, credit.id(), null, "Stopped", reason);
        });
        tell(credit.id());
    }

    private void note(UUID id, String text, Money amount, UUID remittanceId) {
        rows.addEvidence(
                id,
                new CreditEvidence(
                        Ids.next(),
                        text,
                        amount,
                        organizations.today(),
                        remittanceId,
                        null,
                        null,
                        null,
                        clock.instant()));
    }
}
