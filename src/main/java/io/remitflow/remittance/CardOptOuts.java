package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import io.remitflow.workflow.Timeline;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Payers that pay by virtual card, which costs a fee of each payment: somebody asks them to stop, once for each payer until
 * it is recorded that they did.
 */
@Service
@Transactional
public class CardOptOuts {

    /** Subject of timelines, tasks and audit entries. */
    public static final String SUBJECT = "card-opt-out";

    /** What can be recorded at the task, for the form and for our page. */
    public static final Set<String> OUTCOMES = Set.of("requested", "opted-out", "cards-accepted");

    private static final int MAX_NOTE = 300;

    private final JdbcClient jdbc;
    private final TaskResults results;
    private final Users users;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    CardOptOuts(
            JdbcClient jdbc,
            TaskResults results,
            Users users,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.results = results;
        this.users = users;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** Open ones first, newest first. */
    @Transactional(readOnly = true)
    public List<CardOptOut> list(int limit) {
        return jdbc.sql("""
                        select * from billing_card_opt_outs where org_id = :org
                        order by (ended_at is not null), id desc limit :limit
                        """)
                .param("org", organization())
                .param("limit", limit)
                .query(CardOptOuts::optOut)
                .list();
    }

    @Transactional(readOnly = true)
    public CardOptOut get(UUID id) {
        return find(id, "").orElseThrow(() -> RuleViolation.notFound("this opt-out"));
    }

    /** Called whenever a settlement has both its sides; one that no card paid, and one seen before, changes nothing. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void settlementPaid(Settlement settlement) {
        UUID id = Ids.next();
        int opened = jdbc.sql("""
                        insert into billing_card_opt_outs (org_id, id, payer_identifier, payer_id, payer_name, settlement_id,
                            trace_number, amount, fee_amount, currency, state, opened_at)
                        select :org, :id, :payer, cast(:payerId as uuid), :payerName, :settlement, :trace, b.amount + b.fee_amount,
                               b.fee_amount, b.currency, 'open', cast(:now as timestamptz)
                        from billing_settlement_receipts p
                        join billing_bank_receipts b on b.org_id = p.org_id and b.id = p.receipt_id
                        where p.org_id = :org and p.settlement_id = :settlement and b.kind = 'card' and b.state = 'received'
                          and not exists (select from billing_card_opt_outs o
                                          where o.org_id = :org and o.payer_identifier = :payer
                                            and (o.state <> 'opted_out' or o.ended_at >= b.recorded_at))
                        order by b.recorded_at desc limit 1
                        on conflict do nothing
                        """)
                .param("org", organization())
                .param("id", id)
                .param("payer", settlement.payerIdentifier())
                .param("payerId", settlement.payerId(), Types.OTHER)
                .param("payerName", settlement.payerName())
                .param("settlement", settlement.id())
                .param("trace", settlement.traceNumber())
                .param("now", Timestamp.from(clock.instant()))
                .update();
        if (opened == 0) {
            return;
        }
        CardOptOut optOut = get(id);
        timeline.add(
                SUBJECT,
                id,
                "Card payment",
                "Payment %s of %s came by virtual card; the processor kept %s"
                        .formatted(
                                optOut.traceNumber(), Amounts.format(optOut.amount()), Amounts.format(optOut.fee())));
        audit.record(
                "card-opt-out.opened",
                SUBJECT,
                id.toString(),
                Map.of("payer", optOut.payerIdentifier(), "fee", optOut.fee().toString()));
        messages.publish(CardOptOutSteps.OPENED, id.toString(), Map.of("optOutId", id.toString()));
    }

    /**
     * The signed-in person did the task on our page.
     *
     * @param outcome of {@link #OUTCOMES}
     */
    public void record(UUID id, long taskKey, String outcome, String note) {
        Person person = users.find(CurrentUser.id())
                .orElseThrow(() -> new RuleViolation(Refusal.NOT_PERMITTED, "you are not known here"));
        CardOptOut optOut = lock(id);
        if (optOut.state() != CardOptOut.State.OPEN) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "nothing is to be done about it at the moment");
        }
        requirePermission(person);
        use(id, new TaskResult(taskKey, CardOptOutSteps.ASK, person.id(), "remitflow", null, null));
        apply(optOut, person, outcome, note);
        messages.completeTask(
                taskKey, users.signInName(person.id()), Map.of("optOutOutcome", outcome, "optOutNote", ""));
    }

    /**
     * Takes the completed task into account, wherever that was done.
     *
     * @return how it stands then; empty: the completed task is not visible yet
     */
    public Optional<CardOptOut> taskCompleted(UUID id, List<CompletedTask> newestFirst, long jobKey) {
        CardOptOut optOut = lock(id);
        if (optOut.state() != CardOptOut.State.OPEN
                || results.foundBy(SUBJECT, id, jobKey).isPresent()) {
            return Optional.of(optOut);
        }
        Set<Long> used = results.used(SUBJECT, id);
        return newestFirst.stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .map(task -> completedElsewhere(optOut, task, jobKey));
    }

    /** The payer had time to stop; somebody looks again. Repeating it changes nothing. */
    public void lookAgain(UUID id) {
        int changed = jdbc.sql("""
                        update billing_card_opt_outs set state = 'open'
                        where org_id = :org and id = :id and state = 'requested'
                        """).param("org", organization()).param("id", id).update();
        if (changed == 1) {
            timeline.add(SUBJECT, id, "Look again", "The payer was asked and has not confirmed");
        }
    }

    private CardOptOut completedElsewhere(CardOptOut optOut, CompletedTask task, long jobKey) {
        UUID id = optOut.id();
        String assignee = task.assignee();
        Person person = assignee == null
                ? null
                : users.bySignInName(assignee)
                        .filter(found -> found.organization().equals(CurrentOrganization.id()))
                        .orElse(null);
        String refusal = null;
        try {
            requirePermission(person);
            requireOutcome(text(task, "optOutOutcome"), text(task, "optOutNote"));
        } catch (RuleViolation refused) {
            refusal = String.valueOf(refused.getMessage());
        }
        use(
                id,
                new TaskResult(
                        task.key(),
                        CardOptOutSteps.ASK,
                        person == null ? null : person.id(),
                        "tasklist",
                        refusal,
                        jobKey));
        if (refusal == null && person != null) {
            apply(optOut, person, text(task, "optOutOutcome"), text(task, "optOutNote"));
        } else {
            jdbc.sql("update billing_card_opt_outs set refusal_reason = :why where org_id = :org and id = :id")
                    .param("why", refusal)
                    .param("org", organization())
                    .param("id", id)
                    .update();
            timeline.add(SUBJECT, id, person == null ? null : person.id(), "Not accepted", String.valueOf(refusal));
        }
        return get(id);
    }

    private void apply(CardOptOut optOut, Person person, String outcome, String note) {
        requireOutcome(outcome, note);
        UUID id = optOut.id();
        Instant now = clock.instant();
        boolean requested = outcome.equals("requested");
        jdbc.sql("""
                        update billing_card_opt_outs
                        set state = :state, decided_by = :by, note = :note, refusal_reason = null,
                            requested_at = case when :requested then cast(:now as timestamptz) else requested_at end,
                            ended_at = case when :requested then null else cast(:now as timestamptz) end
                        where org_id = :org and id = :id
                        """)
                .param("state", outcome.replace('-', '_'))
                .param("by", person.id().value())
                .param("note", note.strip())
                .param("requested", requested)
                .param("now", Timestamp.from(now))
                .param("org", organization())
                .param("id", id)
                .update();
        timeline.add(SUBJECT, id, person.id(), words(outcome), note.strip());
        audit.record(
                "card-opt-out." + outcome,
                SUBJECT,
                id.toString(),
                Map.of("payer", optOut.payerIdentifier(), "by", person.id().toString()));
    }

    private static String words(String outcome) {
        return switch (outcome) {
            case "requested" -> "Payer asked";
            case "opted-out" -> "Opted out";
            default -> "Cards accepted";
        };
    }

    private static void requirePermission(@Nullable Person person) {
        if (person == null || !person.may(Permission.SETTLEMENTS_RECORD)) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED, "Whoever decides needs the permission to record settlements");
        }
    }

    private static void requireOutcome(String outcome, String note) {
        if (!OUTCOMES.contains(outcome)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "say whether the payer was asked, has stopped, or its cards are accepted");
        }
        if (note.length() > MAX_NOTE) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a note has at most 300 characters");
        }
    }

    private void use(UUID id, TaskResult result) {
        if (!results.use(SUBJECT, id, result)) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
    }

    private CardOptOut lock(UUID id) {
        return find(id, " for no key update").orElseThrow(() -> RuleViolation.notFound("this opt-out"));
    }

    private Optional<CardOptOut> find(UUID id, String locking) {
        return jdbc.sql("select * from billing_card_opt_outs where org_id = :org and id = :id" + locking)
                .param("org", organization())
                .param("id", id)
                .query(CardOptOuts::optOut)
                .optional();
    }

    private static String text(CompletedTask task, String name) {
        return task.variables().get(name) instanceof String text ? text : "";
    }

    private static CardOptOut optOut(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new CardOptOut(
                row.getObject("id", UUID.class),
                row.getString("payer_identifier"),
                row.getString("payer_name"),
                row.getObject("settlement_id", UUID.class),
                row.getString("trace_number"),
                Amounts.ofMinor(row.getLong("amount"), currency),
                Amounts.ofMinor(row.getLong("fee_amount"), currency),
                CardOptOut.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getTimestamp("opened_at").toInstant(),
                instant(row, "requested_at"),
                instant(row, "ended_at"),
                row.getObject("decided_by", UUID.class),
                row.getString("note"),
                row.getString("refusal_reason"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
