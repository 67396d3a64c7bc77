package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.PayerCredit;
import io.remitflow.refunds.RefundHolds;
import io.remitflow.workflow.Timeline;
import java.sql.Date;
import java.sql.Types;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Open items of payers that no remittance will settle: a person who may approve write-offs books them to another account,
 * after another person explained them, and may take that back.
 */
@Service
@Transactional
public class TakebackResolutions {

    private static final String SUBJECT = "takeback";
    private static final int REASON_LENGTH = 300;

    /** Credits to choose from; the one that is meant has the same amount, or is named. */
    private static final int CREDITS = 50;

    private final Takebacks takebacks;
    private final RemittanceRows rows;
    private final JdbcClient jdbc;
    private final Journal journal;
    private final PatientAccounts accounts;
    private final CreditBalances credits;
    private final RefundHolds holds;
    private final Users users;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;

    TakebackResolutions(
            Takebacks takebacks,
            RemittanceRows rows,
            JdbcClient jdbc,
            Journal journal,
            PatientAccounts accounts,
            CreditBalances credits,
            RefundHolds holds,
            Users users,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit) {
        this.takebacks = takebacks;
        this.rows = rows;
        this.jdbc = jdbc;
        this.journal = journal;
        this.accounts = accounts;
        this.credits = credits;
        this.holds = holds;
        this.users = users;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
    }

    /** Why the signed-in person cannot resolve it now; empty if they can. */
    @Transactional(readOnly = true)
    public Optional<String> obstacle(Takeback takeback) {
        if (!takeback.isOpen()) {
            return Optional.of("It is settled");
        }
        if (takeback.problem() == null) {
            return Optional.of("A later payment settles it");
        }
        if (takeback.explanation() == null) {
            return Optional.of("Somebody explains it first");
        }
        return CurrentUser.id().value().equals(takeback.explainedBy())
                ? Optional.of("You explained it, so another person books it")
                : Optional.empty();
    }

    /** Of which credits of its payer the item may be the recovery. */
    @Transactional(readOnly = true)
    public List<PayerCredit> credits(Takeback takeback) {
        UUID payerId = takeback.payerId();
        if (payerId == null || !TakebackResolution.of(takeback).contains(TakebackResolution.CLAIM_CREDIT)) {
            return List.of();
        }
        return credits.creditsOf(payerId, takeback.open(), CREDITS).stream()
                .map(credit -> recoverable(credit, takeback))
                .filter(credit -> credit.left().isPositive())
                .toList();
    }

    /**
     * Books what is open of the item to the account of the resolution, under the reference of the item.
     *
     * @param reason kept with the item and its entry, without names or ids of patients
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if {@link #obstacle} says why not
     */
    public void resolve(UUID id, TakebackResolution resolution, String reason) {
        requireApprover();
        String why = required(reason);
        if (resolution == TakebackResolution.CLAIM_CREDIT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "name the claim whose credit the payer took");
        }
        Takeback takeback = lock(id);
        requireResolvable(takeback, resolution);
        UUID step = Ids.next();
        book(step, takeback, resolution, takeback.open(), null, why);
        note(id, "Resolved", resolution.title(), resolution, takeback.open(), why);
    }

    /**
     * Sets what is open of the item against what its payer paid too much for a claim, as far as that goes: that credit is
     * recovered, and does not go back to the payer once more.
     *
     * @param controlNumber our number of the claim
     * @param reason kept with the item and its entry, without names or ids of patients
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if {@link #obstacle} says why not, or nothing is left of the
     *     credit
     */
    public void setAgainstCredit(UUID id, String controlNumber, String reason) {
        requireApprover();
        String why = required(reason);
        Takeback seen = takebacks.get(id).takeback();
        requireResolvable(seen, TakebackResolution.CLAIM_CREDIT);
        PayerCredit found = creditOf(seen, controlNumber);
        lockClaim(found.claimId(), found.accountId());
        Takeback takeback = lock(id);
        requireResolvable(takeback, TakebackResolution.CLAIM_CREDIT);
        PayerCredit credit = creditOf(takeback, controlNumber);
        Money amount = credit.left().isLessThan(takeback.open()) ? credit.left() : takeback.open();
        UUID step = Ids.next();
        UUID entry = book(step, takeback, TakebackResolution.CLAIM_CREDIT, amount, credit.claimId(), why);
        post(credit.accountId(), credit.claimId(), credit.payerId(), amount, entry, "takeback-credit:" + step);
        credits.setAgainst(credit.claimId(), credit.payerId(), amount, takeback.openedBy(), takeback.openedByTrace());
        holds.payerTakesBack(credit.claimId(), amount);
        note(
                id,
                "Resolved",
                "Against the credit of claim " + credit.controlNumber(),
                TakebackResolution.CLAIM_CREDIT,
                amount,
                why);
    }

    /** What a person booked last of the item, and nobody took back; empty if a remittance changed the item since. */
    @Transactional(readOnly = true)
    public Optional<TakebackStep> bookedLast(UUID id) {
        int takenBack = 0;
        for (TakebackStep step : takebacks.get(id).steps().reversed()) {
            if (step.kind() == TakebackStep.Kind.REOPENED) {
                takenBack++;
            } else if (step.kind() != TakebackStep.Kind.RESOLVED) {
                return Optional.empty();
            } else if (takenBack == 0) {
                return Optional.of(step);
            } else {
                takenBack--;
            }
        }
        return Optional.empty();
    }

    /** What was booked last by hand was wrong: that much of the item is open again. */
    public void takeBack(UUID id, String reason) {
        requireApprover();
        String why = required(reason);
        TakebackStep seen = lastBooked(id);
        UUID claimId = seen.creditClaimId();
        if (claimId != null) {
            lockClaim(claimId, accountOf(claimId));
        }
        Takeback takeback = lock(id);
        TakebackStep last = lastBooked(id);
        UUID booked = Objects.requireNonNull(last.journalEntryId());
        if (!booked.equals(seen.journalEntryId())) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "Somebody else changed it: look at it again");
        }
        TakebackResolution resolution = Objects.requireNonNull(last.resolution());
        LocalDate entered = journal.find(booked).orElseThrow().date();
        LocalDate today = organizations.today();
        LocalDate date = entered.isAfter(today) ? entered : today;
        Money again = last.amount().negated();
        Money open = takeback.open().plus(again);
        try {
            update(id, open.getAmountMinorLong(), null);
        } catch (DataIntegrityViolationException e) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "the payer carries another balance forward since: settle that one first");
        }
        UUID entry =
                journal.takeBack(booked, why, "takeback-reopened:" + booked).id();
        insert(Ids.next(), id, "reopened", again, open, entry, resolution, claimId, why, date);
        if (claimId != null) {
            UUID payerId = Objects.requireNonNull(takeback.payerId());
            post(accountOf(claimId), claimId, payerId, again.negated(), entry, "takeback-credit-back:" + booked);
            credits.setAgainst(claimId, payerId, again.negated(), takeback.openedBy(), takeback.openedByTrace());
        }
        note(id, "Open again", resolution.title(), resolution, again, why);
    }

    private void requireResolvable(Takeback takeback, TakebackResolution resolution) {
        obstacle(takeback).ifPresent(obstacle -> {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, obstacle);
        });
        if (!TakebackResolution.of(takeback).contains(resolution)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    takeback.open().isPositive()
                            ? "only what a payer recovers is set against the credit of a claim"
                            : "what a payer has given is not given up: it goes back, or is explained");
        }
    }

    private PayerCredit creditOf(Takeback takeback, String controlNumber) {
        UUID payerId = takeback.payerId();
        if (payerId == null) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "Nobody knows yet which payer took it");
        }
        return credits.creditOf(payerId, takeback.open(), controlNumber.strip())
                .map(credit -> recoverable(credit, takeback))
                .filter(credit -> credit.left().isPositive())
                .orElseThrow(() -> new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "This payer has no credit left on a claim with this number"));
    }

    /** What the item itself takes of the credit, because it names the claim, is left for it. */
    private static PayerCredit recoverable(PayerCredit credit, Takeback takeback) {
        return takeback.kind() == TakebackKind.RECOVERY && credit.claimId().equals(takeback.claimId())
                ? credit.plus(takeback.open())
                : credit;
    }

    private UUID book(
            UUID step,
            Takeback takeback,
            TakebackResolution resolution,
            Money amount,
            @Nullable UUID creditClaim,
            String why) {
        LocalDate today = organizations.today();
        String text = "%s of %s: %s".formatted(takeback.kind().title(), takeback.payerName(), resolution.title());
        UUID entry = journal.post(NewEntry.on(today, "remittance", "takeback-resolved:" + step, shortened(text))
                        .inOpenPeriod()
                        .reference("remittance", takeback.openedBy())
                        .move(takeback.kind().account(), amount.negated(), clearing(takeback))
                        .lineAbout(takeback.kind().title(), SUBJECT, takeback.id())
                        .move(resolution.account(), amount, null)
                        .lineAbout(shortened(why), SUBJECT, takeback.id())
                        .build())
                .id();
        Money open = takeback.open().minus(amount);
        update(takeback.id(), open.getAmountMinorLong(), open.isZero() ? today : null);
        insert(step, takeback.id(), "resolved", amount.negated(), open, entry, resolution, creditClaim, why, today);
        return entry;
    }

    /** The account of the claim follows the entry. */
    private void post(UUID accountId, UUID claimId, UUID payerId, Money amount, UUID entry, String key) {
        accounts.record(new AccountPosting(
                accountId,
                organizations.today(),
                TransactionType.REFUND,
                Responsibility.INSURANCE,
                amount,
                claimId,
                null,
                payerId,
                entry,
                amount.isPositive()
                        ? "Recovered by the payer from a later payment"
                        : "Recovery by the payer taken back",
                key));
    }

    /** As the posting of a remittance does, before the open items of the payer. */
    private void lockClaim(UUID claimId, UUID accountId) {
        holds.lock(List.of(claimId));
        accounts.lock(List.of(accountId));
    }

    private TakebackStep lastBooked(UUID id) {
        return bookedLast(id)
                .orElseThrow(() ->
                        new RuleViolation(Refusal.CHANGED_MEANWHILE, "It was not resolved by hand, or is open again"));
    }

    private UUID accountOf(UUID claimId) {
        return jdbc.sql("select account_id from billing_claims where org_id = :org and id = :claim")
                .param("org", CurrentOrganization.id().value())
                .param("claim", claimId)
                .query(UUID.class)
                .single();
    }

    /** Nobody else changes the open items of its payer until the transaction ends. */
    private Takeback lock(UUID id) {
        rows.lock("takebacks", TraceKey.payer(takebacks.get(id).takeback().payerIdentifier()));
        return takebacks.get(id).takeback();
    }

    private void update(UUID id, long openMinor, @Nullable LocalDate closedOn) {
        jdbc.sql(
                        "update billing_takebacks set open_amount = :open, closed_on = :closed where org_id = :org and id = :id")
                .param("open", openMinor)
                .param("closed", closedOn == null ? null : Date.valueOf(closedOn), Types.DATE)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .update();
    }

    private void insert(
            UUID step,
            UUID id,
            String kind,
            Money amount,
            Money openAfter,
            UUID entry,
            TakebackResolution resolution,
            @Nullable UUID creditClaim,
            String reason,
            LocalDate date) {
        jdbc.sql("""
                        insert into billing_takeback_steps (org_id, id, takeback_id, kind, amount, open_after,
                            journal_entry_id, resolution, credit_claim_id, reason, booked_on)
                        values (:org, :step, :id, :kind, :amount, :after, :entry, :resolution, :claim, :reason, :date)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("step", step)
                .param("id", id)
                .param("kind", kind)
                .param("amount", amount.getAmountMinorLong())
                .param("after", openAfter.getAmountMinorLong())
                .param("entry", entry)
                .param("resolution", resolution.key())
                .param("claim", creditClaim, Types.OTHER)
                .param("reason", reason)
                .param("date", Date.valueOf(date))
                .update();
    }

    private void note(UUID id, String step, String as, TakebackResolution resolution, Money amount, String why) {
        timeline.add(
                SUBJECT, id, CurrentUser.id(), step, "%s: %s. %s".formatted(as, Amounts.format(amount.abs()), why));
        audit.record(
                step.equals("Resolved") ? "takeback.resolved" : "takeback.reopened",
                SUBJECT,
                id.toString(),
                Map.of("as", resolution.key(), "amountMinor", amount.getAmountMinorLong()));
    }

    private void requireApprover() {
        boolean may = users.find(CurrentUser.id())
                .filter(Person::active)
                .filter(person -> person.may(Permission.WRITE_OFFS_APPROVE))
                .isPresent();
        if (!may) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "Whoever books an item away may approve write-offs");
        }
    }

    private static String required(String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > REASON_LENGTH) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to %d characters why".formatted(REASON_LENGTH));
        }
        return why;
    }

    /** Under which its remittance booked it. */
    private static @Nullable ClearingReference clearing(Takeback takeback) {
        return ProviderAdjustmentAccounts.clearing(
                takeback.kind().account(), takeback.payerIdentifier(), takeback.reference());
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200);
    }
}
