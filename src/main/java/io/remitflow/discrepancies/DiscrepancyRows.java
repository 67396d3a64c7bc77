package io.remitflow.discrepancies;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import io.remitflow.ui.AgeBars;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of reconciliation_discrepancies and their action log. */
@Repository
class DiscrepancyRows {

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    DiscrepancyRows(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** A case to open. */
    record NewDiscrepancy(UUID id, String number, FoundDiscrepancy found) {}

    /** A step for the action log. */
    record Logged(UUID discrepancy, String action, @Nullable UserId actor, String detail) {}

    void insert(List<NewDiscrepancy> discrepancies, UUID foundBy, Instant now) {
        UUID organization = organization();
        List<Object[]> rows = new ArrayList<>();
        for (NewDiscrepancy discrepancy : discrepancies) {
            FoundDiscrepancy found = discrepancy.found();
            rows.add(new Object[] {
                organization,
                discrepancy.id(),
                discrepancy.number(),
                found.type().key(),
                found.subjectType(),
                found.subjectKey(),
                found.subjectId(),
                found.reference(),
                found.difference().getAmountMinorLong(),
                found.difference().getCurrencyUnit().getCode(),
                found.occurredOn(),
                foundBy,
                foundBy,
                Timestamp.from(now),
                DiscrepancySteps.TRIAGE,
                Timestamp.from(now),
                Timestamp.from(now)
            });
        }
        batches.batchUpdate("""
                insert into reconciliation_discrepancies (org_id, id, discrepancy_number, discrepancy_type, subject_type,
                    subject_key, subject_id, reference, difference, currency, occurred_on, first_found_by, last_found_by,
                    last_found_at, status, current_step, opened_at, updated_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?)
                """, rows);
    }

    /** Found again: with whatever it amounts to now. */
    void foundAgain(Map<UUID, FoundDiscrepancy> found, UUID foundBy, Instant now) {
        List<Object[]> rows = new ArrayList<>();
        found.forEach((id, again) -> rows.add(new Object[] {
            again.difference().getAmountMinorLong(),
            again.difference().getCurrencyUnit().getCode(),
            again.reference(),
            again.subjectId(),
            again.occurredOn(),
            foundBy,
            Timestamp.from(now),
            id
        }));
        batches.batchUpdate("""
                update reconciliation_discrepancies
                set difference = ?, currency = ?, reference = ?, subject_id = ?, occurred_on = ?, last_found_by = ?,
                    last_found_at = ?
                where id = ?
                """, rows);
    }

    /** Locked until the transaction ends, in one order for everybody. */
    List<Discrepancy> lockBySubject(String subjectType, Collection<String> keys) {
        return jdbc.sql("""
                        select * from reconciliation_discrepancies
                        where subject_type = :type and subject_key = any(:keys) order by id for no key update
                        """)
                .param("type", subjectType)
                .param("keys", keys.toArray(String[]::new))
                .query(DiscrepancyRows::discrepancy)
                .list();
    }

    List<Discrepancies.Standing> unresolved(String subjectType) {
        return jdbc.sql("""
                        select id, subject_key, discrepancy_type from reconciliation_discrepancies
                        where subject_type = :type and status <> 'resolved' order by id
                        """)
                .param("type", subjectType)
                .query((row, index) -> new Discrepancies.Standing(
                        row.getObject("id", UUID.class),
                        row.getString("subject_key"),
                        DiscrepancyType.ofKey(row.getString("discrepancy_type")).orElseThrow()))
                .list();
    }

    List<Discrepancy> lockUnresolved(Collection<UUID> ids) {
        return jdbc.sql("""
                        select * from reconciliation_discrepancies
                        where id = any(:ids) and status <> 'resolved' order by id for no key update
                        """)
                .param("ids", ids.toArray(UUID[]::new))
                .query(DiscrepancyRows::discrepancy)
                .list();
    }

    Discrepancy get(UUID id) {
        return one(id, "");
    }

    Discrepancy lock(UUID id) {
        return one(id, " for no key update");
    }

    private Discrepancy one(UUID id, String suffix) {
        return jdbc.sql("select * from reconciliation_discrepancies where id = :id" + suffix)
                .param("id", id)
                .query(DiscrepancyRows::discrepancy)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the discrepancy"));
    }

    List<Discrepancy> list(DiscrepancyFilter filter, Instant now) {
        DiscrepancyStatus status = filter.status();
        DiscrepancyType type = filter.type();
        UserId assignee = filter.assignee();
        return jdbc.sql("""
                        select * from reconciliation_discrepancies
                        where (:status::text is null or status = :status)
                          and (:status::text is not null or not :unresolved or status <> 'resolved')
                          and (:type::text is null or discrepancy_type = :type)
                          and (:assignee::uuid is null or assignee = :assignee::uuid)
                          and (not :overdue or (status <> 'resolved' and due_at < :now))
                          and (:run::uuid is null or first_found_by = :run::uuid or last_found_by = :run::uuid)
                          and (:after::uuid is null or id < :after::uuid)
                        order by id desc limit :limit
                        """)
                .param("status", status == null ? null : status.key(), Types.VARCHAR)
                .param("unresolved", filter.unresolved())
                .param("type", type == null ? null : type.key(), Types.VARCHAR)
                .param("assignee", assignee == null ? null : assignee.value(), Types.OTHER)
                .param("overdue", filter.overdue())
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("run", filter.foundBy(), Types.OTHER)
                .param("after", filter.after(), Types.OTHER)
                .param("limit", filter.limit())
                .query(DiscrepancyRows::discrepancy)
                .list();
    }

    /** Of the unresolved, by type and currency in the order of precedence. */
    List<DiscrepancyTotal> totals(Instant now) {
        return jdbc
                .sql("""
                        select discrepancy_type, currency, sum(count) as count, sum(overdue) as overdue, sum(amount) as amount,
                               array_agg(bucket) as buckets, array_agg(amount) as amounts
                        from (select discrepancy_type, currency, %s as bucket, count(*) as count, sum(difference) as amount,
                                     count(*) filter (where due_at < :now) as overdue
                              from reconciliation_discrepancies where status <> 'resolved'
                              group by discrepancy_type, currency, bucket) b
                        group by discrepancy_type, currency order by discrepancy_type, currency
                        """.formatted(AgeBars.bucket("opened_at", ":now")))
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .query((row, index) -> {
                    String currency = row.getString("currency");
                    Money zero = Amounts.zero(currency);
                    List<Money> aging = new ArrayList<>(List.of(zero, zero, zero, zero));
                    Object[] buckets = (Object[]) row.getArray("buckets").getArray();
                    Object[] amounts = (Object[]) row.getArray("amounts").getArray();
                    for (int i = 0; i < buckets.length; i++) {
                        aging.set(
                                ((Number) buckets[i]).intValue(),
                                Amounts.ofMinor(((Number) amounts[i]).longValue(), currency));
                    }
                    return new DiscrepancyTotal(
                            DiscrepancyType.ofKey(row.getString("discrepancy_type"))
                                    .orElseThrow(),
                            row.getLong("count"),
                            row.getLong("overdue"),
                            Amounts.ofMinor(row.getLong("amount"), currency),
                            List.copyOf(aging));
                })
                .list()
                .stream()
                .sorted(java.util.Comparator.comparing(DiscrepancyTotal::type))
                .toList();
    }

    void triaged(UUID id, Discrepancy.Triage triage, Instant now) {
        jdbc.sql("""
                        update reconciliation_discrepancies
                        set priority = :priority, owner_group = :group, triage_reason = :reason, due_at = :due,
                            current_step = case when status = 'resolved' then current_step else :step end,
                            updated_at = :now
                        where id = :id
                        """)
                .param("priority", triage.priority())
                .param("group", triage.ownerGroup())
                .param("reason", triage.reason())
                .param("due", Timestamp.from(triage.dueAt()), Types.TIMESTAMP)
                .param("step", DiscrepancySteps.WORK)
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("id", id)
                .update();
    }

    void escalated(UUID id, Discrepancy.Triage triage, Instant now) {
        triaged(id, triage, now);
        jdbc.sql("update reconciliation_discrepancies set escalated_at = :now where id = :id")
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("id", id)
                .update();
    }

    void acknowledged(UUID id, UserId by, Instant now) {
        jdbc.sql("""
                        update reconciliation_discrepancies
                        set status = 'acknowledged', acknowledged_by = :by, acknowledged_at = :now, updated_at = :now,
                            version = version + 1
                        where id = :id and status = 'open'
                        """)
                .param("by", by.value())
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("id", id)
                .update();
    }

    void assigned(UUID id, @Nullable UserId assignee, Instant now) {
        jdbc.sql("""
                        update reconciliation_discrepancies
                        set assignee = :assignee, updated_at = :now, version = version + 1 where id = :id
                        """)
                .param("assignee", assignee == null ? null : assignee.value(), Types.OTHER)
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("id", id)
                .update();
    }

    void resolved(Map<UUID, Discrepancy.Resolved> resolved) {
        List<Object[]> rows = new ArrayList<>();
        resolved.forEach((id, how) -> {
            UserId by = how.by();
            rows.add(new Object[] {
                how.resolution().key(),
                how.reason(),
                how.adjustmentNumber(),
                by == null ? null : by.value(),
                Timestamp.from(how.at()),
                DiscrepancySteps.CLOSED,
                Timestamp.from(how.at()),
                id
            });
        });
        batches.batchUpdate("""
                update reconciliation_discrepancies
                set status = 'resolved', resolution = ?, resolution_reason = ?, adjustment_number = ?, resolved_by = ?,
                    resolved_at = ?, resolved_difference = difference, refusal_reason = null, current_step = ?,
                    updated_at = ?, version = version + 1
                where id = ? and status <> 'resolved'
                """, rows);
    }

    /** Back to where a new one begins; who owns it stays. */
    void reopened(Collection<UUID> ids, Instant now) {
        jdbc.sql("""
                        update reconciliation_discrepancies
                        set status = 'open', resolution = null, resolution_reason = null, adjustment_number = null,
                            resolved_by = null, resolved_at = null, resolved_difference = null, acknowledged_by = null,
                            acknowledged_at = null, escalated_at = null, priority = null, owner_group = null,
                            triage_reason = null, due_at = null, refusal_reason = null, current_step = :step,
                            round = round + 1, opened_at = :now, updated_at = :now, version = version + 1
                        where id = any(:ids) and status = 'resolved'
                        """)
                .param("step", DiscrepancySteps.TRIAGE)
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .param("ids", ids.toArray(UUID[]::new))
                .update();
    }

    void refused(UUID id, String reason) {
        jdbc.sql("update reconciliation_discrepancies set refusal_reason = :reason where id = :id")
                .param("reason", reason)
                .param("id", id)
                .update();
    }

    void log(List<Logged> steps, Instant now) {
        UUID organization = organization();
        List<Object[]> rows = new ArrayList<>();
        for (Logged step : steps) {
            UserId actor = step.actor();
            rows.add(new Object[] {
                organization,
                Ids.next(),
                step.discrepancy(),
                step.action(),
                actor == null ? null : actor.value(),
                step.detail(),
                Timestamp.from(now)
            });
        }
        batches.batchUpdate("""
                insert into reconciliation_action_log (org_id, id, discrepancy_id, action, actor, detail, at)
                values (?, ?, ?, ?, ?, ?, ?)
                """, rows);
    }

    /** Oldest first. */
    List<DiscrepancyAction> actions(UUID id) {
        return jdbc.sql("""
                        select action, actor, detail, at from reconciliation_action_log
                        where discrepancy_id = :id order by at, id
                        """)
                .param("id", id)
                .query((row, index) -> new DiscrepancyAction(
                        row.getString("action"), user(row, "actor"), row.getString("detail"), time(row, "at")))
                .list();
    }

    private static Discrepancy discrepancy(ResultSet row, int index) throws SQLException {
        String group = row.getString("owner_group");
        String resolution = row.getString("resolution");
        Instant escalated = timeOrNull(row, "escalated_at");
        return new Discrepancy(
                row.getObject("id", UUID.class),
                row.getString("discrepancy_number"),
                DiscrepancyType.ofKey(row.getString("discrepancy_type")).orElseThrow(),
                row.getString("subject_type"),
                row.getString("subject_key"),
                row.getObject("subject_id", UUID.class),
                row.getString("reference"),
                Amounts.ofMinor(row.getLong("difference"), row.getString("currency")),
                row.getDate("occurred_on").toLocalDate(),
                row.getObject("first_found_by", UUID.class),
                row.getObject("last_found_by", UUID.class),
                time(row, "last_found_at"),
                DiscrepancyStatus.ofKey(row.getString("status")).orElseThrow(),
                row.getString("current_step"),
                group == null
                        ? null
                        : new Discrepancy.Triage(
                                row.getInt("priority"), group, row.getString("triage_reason"), time(row, "due_at")),
                escalated,
                user(row, "assignee"),
                user(row, "acknowledged_by"),
                timeOrNull(row, "acknowledged_at"),
                resolution == null
                        ? null
                        : new Discrepancy.Resolved(
                                DiscrepancyResolution.ofKey(resolution).orElseThrow(),
                                row.getString("resolution_reason"),
                                row.getString("adjustment_number"),
                                user(row, "resolved_by"),
                                time(row, "resolved_at")),
                row.getString("refusal_reason"),
                row.getInt("round"),
                time(row, "opened_at"));
    }

    /** What the difference was when the case was resolved; empty while it is not. */
    boolean changedSinceResolved(UUID id, Money difference) {
        return jdbc.sql("""
                        select resolved_difference is distinct from :difference or currency <> :currency
                        from reconciliation_discrepancies where id = :id
                        """)
                .param("difference", difference.getAmountMinorLong())
                .param("currency", difference.getCurrencyUnit().getCode())
                .param("id", id)
                .query(Boolean.class)
                .single();
    }

    private static @Nullable UserId user(ResultSet row, String column) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        return id == null ? null : new UserId(id);
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    private static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
