package io.remitflow.claims;

import io.remitflow.claims.DenialRound.Because;
import io.remitflow.claims.DenialRound.Reopening;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.ledger.Journal;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Opens a closed denial again: a new round of work with a process instance of its own, beside what was decided before.
 *
 * <p>Only where the payer owes something of it again: a denial without money is nobody's work.
 */
@Service
@Transactional
public class DenialReopening {

    static final String STEP = "Reopened";

    private static final int MAX_REASON = 300;

    private final DenialRows rows;
    private final Claims claims;
    private final Payers payers;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final ProcessInstances instances;
    private final ProcessMessages messages;
    private final Users users;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    DenialReopening(
            DenialRows rows,
            Claims claims,
            Payers payers,
            PatientAccounts accounts,
            Journal journal,
            ProcessInstances instances,
            ProcessMessages messages,
            Users users,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.claims = claims;
        this.payers = payers;
        this.accounts = accounts;
        this.journal = journal;
        this.instances = instances;
        this.messages = messages;
        this.users = users;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** The rounds that were over before this one, oldest first. */
    @Transactional(readOnly = true)
    public List<DenialRound> rounds(UUID denialId) {
        return rows.rounds(denialId);
    }

    /** Why it cannot be opened again now; empty if it can. */
    @Transactional(readOnly = true)
    public Optional<String> obstacle(UUID denialId) {
        return obstacle(rows.get(denialId));
    }

    /**
     * The signed-in person wants it worked on again. What had been billed to the patient is the payer's again.
     *
     * @param reason without names or ids of patients
     * @throws RuleViolation {@link Refusal#DENIAL_NOT_REOPENABLE} if {@link #obstacle} says so
     */
    public void reopen(UUID denialId, String reason) {
        var person = users.find(CurrentUser.id())
                .filter(found -> found.active() && found.may(Permission.DENIALS_WORK))
                .orElseThrow(() -> new RuleViolation(
                        Refusal.NOT_PERMITTED, "Whoever works on denials is active and has the permission to"));
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why");
        }
        accounts.lock(List.of(rows.get(denialId).accountId()));
        Denial denial = rows.lock(denialId);
        obstacle(denial).ifPresent(obstacle -> {
            throw new RuleViolation(Refusal.DENIAL_NOT_REOPENABLE, obstacle);
        });
        requireEnded(denial);
        UUID reversal = denial.closing() == DenialClosing.BILLED_TO_PATIENT ? takeFromPatient(denial, why) : null;
        begin(denial, new Reopening(Because.PERSON, why, person.id()), reversal, denial.appealLimitOn());
    }

    /**
     * A later remittance took payments of these claims back and left nothing in their place. From its date the payer takes
     * appeals again.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void paymentTakenBack(LocalDate date, Map<UUID, String> reasonByClaim) {
        for (Denial denial : rows.lockPaidOf(reasonByClaim.keySet())) {
            if (owed(denial).isPositive()) {
                LocalDate limit = date.plusDays(payers.terms(denial.payerId()).appealDays());
                String reason = Objects.requireNonNull(reasonByClaim.get(denial.claimId()));
                begin(denial, new Reopening(Because.PAYMENT_TAKEN_BACK, reason, null), null, limit);
            }
        }
    }

    /** The remittance that answered these claims was posted by mistake: what its answer closed is open as it was. */
    @Transactional(propagation = Propagation.MANDATORY)
    void answerTakenBack(UUID remittanceId, java.util.Collection<UUID> claimIds) {
        for (Denial denial : rows.lockClosedBy(remittanceId, claimIds)) {
            if (owed(denial).isPositive()) {
                String reason = "The remittance whose answer had closed it was taken back";
                begin(denial, new Reopening(Because.ANSWER_TAKEN_BACK, reason, null), null, denial.appealLimitOn());
            }
        }
    }

    /** Its posted write-off was reversed. For a denial that did not end by this write-off it changes nothing. */
    @Transactional(propagation = Propagation.MANDATORY)
    void writeOffTakenBack(UUID denialId, UUID writeOffId) {
        Denial denial = rows.lock(denialId);
        if (denial.closing() == DenialClosing.WRITTEN_OFF
                && writeOffId.equals(denial.writeOffId())
                && rows.successor(denial).isEmpty()
                && owed(denial).isPositive()) {
            begin(
                    denial,
                    new Reopening(Because.WRITE_OFF_TAKEN_BACK, "Its write-off was taken back", null),
                    null,
                    denial.appealLimitOn());
        }
    }

    private Optional<String> obstacle(Denial denial) {
        DenialClosing closing = denial.closing();
        if (closing == null) {
            return Optional.of("It is not closed");
        }
        Optional<String> successor = rows.successor(denial);
        if (successor.isPresent()) {
            return Optional.of("The work on this claim went on under " + successor.get());
        }
        if (closing == DenialClosing.BILLED_TO_PATIENT) {
            Money patients = accounts.patientBalanceOfClaim(denial.claimId());
            return patients.isLessThan(denial.billed())
                    ? Optional.of("The patient has paid some of the %s %s that were billed"
                            .formatted(
                                    Amounts.format(denial.billed()),
                                    denial.billed().getCurrencyUnit()))
                    : Optional.empty();
        }
        if (owed(denial).isPositive()) {
            return Optional.empty();
        }
        return Optional.of(
                closing == DenialClosing.WRITTEN_OFF
                        ? "It is written off: once that write-off is reversed, it opens by itself"
                        : "The payer owes nothing of it: a payment that is taken back opens it by itself");
    }

    /** What the payer owes of it by the answers to the claim, and never more than the account says. */
    private Money owed(Denial denial) {
        Money byAnswers = rows.owed(denial);
        Money byAccount = accounts.insuranceBalanceOfClaim(denial.claimId());
        return byAccount.isLessThan(byAnswers) ? byAccount : byAnswers;
    }

    /** The process of the round before must be over, or its last step would meet the next round. */
    private void requireEnded(Denial denial) {
        boolean running = instances
                .find(DenialSteps.PROCESS, denial.processKey())
                .map(instance -> instance.endedAt() == null)
                // A duplicate is closed without a process.
                .orElse(denial.closing() != DenialClosing.DUPLICATE);
        if (running) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "its process is just being closed: try again in a moment");
        }
    }

    private UUID takeFromPatient(Denial denial, String why) {
        LocalDate today = organizations.today();
        UUID billed = Objects.requireNonNull(denial.journalEntryId());
        LocalDate entered = journal.find(billed).orElseThrow().date();
        LocalDate date = entered.isAfter(today) ? entered : today;
        String key = "denial-billed-back:" + denial.processKey();
        String text = "Denial %s reopened: the payer's again".formatted(denial.number());
        UUID entry = journal.takeBack(billed, text, key).id();
        Money amount = denial.billed();
        accounts.record(DenialWork.transfer(
                denial, date, Responsibility.PATIENT, amount.negated(), entry, text, key + ":from"));
        accounts.record(DenialWork.transfer(denial, date, Responsibility.INSURANCE, amount, entry, text, key + ":to"));
        Money none = Money.zero(amount.getCurrencyUnit());
        claims.applyRemittance(
                denial.claimId(),
                new ClaimOutcome(ClaimOutcome.Kind.BILLED, date, none, none, amount.negated(), null, null, key));
        return entry;
    }

    private void begin(Denial denial, Reopening reopening, @Nullable UUID reversalEntry, LocalDate appealLimit) {
        rows.reopen(denial, reopening, reversalEntry, appealLimit, clock.instant());
        Denial next = rows.get(denial.id());
        timeline.add(Denials.SUBJECT, denial.id(), reopening.by(), STEP, reopening.reason());
        audit.record(
                "denial-reopened",
                Denials.SUBJECT,
                denial.id().toString(),
                Map.of(
                        "number", denial.number(),
                        "because", reopening.because().key(),
                        "reason", reopening.reason(),
                        "closing", Objects.requireNonNull(denial.closing()).key(),
                        "round", next.round(),
                        "open", next.open().toString()));
        messages.publish(
                DenialSteps.OPENED_MESSAGE, next.processKey(), DenialSteps.opening(next.id(), next.processKey()));
    }
}
