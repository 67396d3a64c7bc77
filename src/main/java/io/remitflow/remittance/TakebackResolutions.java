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
import io.remitflow.workflow.Timeline;
import java.sql.Date;
import java.sql.Types;
import java.time.LocalDate;
import java.util.Map;
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

    private final Takebacks takebacks;
    private final RemittanceRows rows;
    private final JdbcClient jdbc;
    private final Journal journal;
    private final Users users;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;

    TakebackResolutions(
            Takebacks takebacks,
            RemittanceRows rows,
            JdbcClient jdbc,
            Journal journal,
            Users users,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit) {
        this.takebacks = takebacks;
        this.rows = rows;
        this.jdbc = jdbc;
        this.journal = journal;
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

    /**
     * Books what is open of the item to the account of the resolution, under the reference of the item.
     *
     * @param reason kept with the item and its entry, without names or ids of patients
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if {@link #obstacle} says why not
     */
    public void resolve(UUID id, TakebackResolution resolution, String reason) {
        requireApprover();
        String why = required(reason);
        Takeback takeback = lock(id);
        obstacle(takeback).ifPresent(obstacle -> {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, obstacle);
        });
        if (!TakebackResolution.of(takeback).contains(resolution)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "what a payer has given is not given up: it goes back, or is explained");
        }
        LocalDate today = organizations.today();
        UUID step = Ids.next();
        String text = "%s of %s: %s".formatted(takeback.kind().title(), takeback.payerName(), resolution.title());
        UUID entry = journal.post(NewEntry.on(today, "remittance", "takeback-resolved:" + step, shortened(text))
                        .inOpenPeriod()
                        .reference("remittance", takeback.openedBy())
                        .move(takeback.kind().account(), takeback.open().negated(), clearing(takeback))
                        .lineAbout(takeback.kind().title(), SUBJECT, id)
                        .move(resolution.account(), takeback.open(), null)
                        .lineAbout(shortened(why), SUBJECT, id)
                        .build())
                .id();
        update(id, 0, today);
        insert(step, id, "resolved", takeback.open().negated(), 0, entry, resolution, why, today);
        note(id, "Resolved", resolution, takeback.open(), why);
    }

    /** The resolution was wrong: the item is open as it was before. */
    public void takeBack(UUID id, String reason) {
        requireApprover();
        String why = required(reason);
        Takeback takeback = lock(id);
        TakebackStep last = takeback.lastStep();
        UUID booked = last.journalEntryId();
        TakebackResolution resolution = last.resolution();
        if (last.kind() != TakebackStep.Kind.RESOLVED || booked == null || resolution == null) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "It was not resolved by hand, or is open again");
        }
        LocalDate entered = journal.find(booked).orElseThrow().date();
        LocalDate today = organizations.today();
        LocalDate date = entered.isAfter(today) ? entered : today;
        Money open = last.amount().negated();
        try {
            update(id, open.getAmountMinorLong(), null);
        } catch (DataIntegrityViolationException e) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "the payer carries another balance forward since: settle that one first");
        }
        UUID entry =
                journal.takeBack(booked, why, "takeback-reopened:" + booked).id();
        insert(Ids.next(), id, "reopened", open, open.getAmountMinorLong(), entry, resolution, why, date);
        note(id, "Open again", resolution, open, why);
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
            long openAfter,
            UUID entry,
            TakebackResolution resolution,
            String reason,
            LocalDate date) {
        jdbc.sql("""
                        insert into billing_takeback_steps (org_id, id, takeback_id, kind, amount, open_after,
                            journal_entry_id, resolution, reason, booked_on)
                        values (:org, :step, :id, :kind, :amount, :after, :entry, :resolution, :reason, :date)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("step", step)
                .param("id", id)
                .param("kind", kind)
                .param("amount", amount.getAmountMinorLong())
                .param("after", openAfter)
                .param("entry", entry)
                .param("resolution", resolution.key())
                .param("reason", reason)
                .param("date", Date.valueOf(date))
                .update();
    }

    private void note(UUID id, String step, TakebackResolution resolution, Money open, String why) {
        timeline.add(
                SUBJECT,
                id,
                CurrentUser.id(),
                step,
                "%s: %s. %s".formatted(resolution.title(), Amounts.format(open.abs()), why));
        audit.record(
                step.equals("Resolved") ? "takeback.resolved" : "takeback.reopened",
                SUBJECT,
                id.toString(),
                Map.of("as", resolution.key(), "amountMinor", open.getAmountMinorLong()));
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
