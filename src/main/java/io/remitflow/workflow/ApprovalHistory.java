package io.remitflow.workflow;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Decisions of people about all kinds of cases, for those who look back. */
@Service
@Transactional
public class ApprovalHistory {

    /** Nobody reads more; a longer time is exported in parts. */
    private static final int MOST = 10_000;

    private static final String RESTRICTED = """
             where (:by::uuid is null or decided_by = :by or on_behalf_of = :by)
              and (:type::text is null or subject_type = :type)
              and (:decision::text is null or decision = :decision)
              and (:from::timestamptz is null or decided_at >= :from)
              and (:until::timestamptz is null or decided_at < :until)
            """;

    private final JdbcClient jdbc;
    private final AuditLog audit;

    ApprovalHistory(JdbcClient jdbc, AuditLog audit) {
        this.jdbc = jdbc;
        this.audit = audit;
    }

    /** What is null does not restrict; {@code until} is exclusive. */
    public record Filter(
            @Nullable UserId decidedBy,
            @Nullable String type,
            @Nullable Boolean approved,
            @Nullable Instant from,
            @Nullable Instant until) {}

    /** @param number what people call the case, or its id */
    public record Entry(
            String type,
            UUID caseId,
            String number,
            int version,
            int level,
            String levelRole,
            boolean approved,
            Money amount,
            UserId decidedBy,
            String decidedAs,
            @Nullable UserId onBehalfOf,
            UserId requestedBy,
            String source,
            @Nullable String comment,
            Instant decidedAt,
            @Nullable String rule,
            List<String> warnings) {}

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<Entry> list(Filter filter, int limit) {
        return restricted(
                        "select * from workflow_approvals " + RESTRICTED
                                + "order by decided_at desc, id desc limit :limit",
                        filter)
                .param("limit", limit)
                .query(ApprovalHistory::entry)
                .list();
    }

    /**
     * Of all that the filter finds, however many are shown.
     *
     * @param approved what was approved, once however many levels approved it; one sum for each currency
     */
    public record Totals(long decisions, List<Money> approved) {}

    @Transactional(readOnly = true)
    public Totals totals(Filter filter) {
        long decisions = restricted("select count(*) from workflow_approvals " + RESTRICTED, filter)
                .query(Long.class)
                .single();
        List<Money> approved = restricted("""
                        select currency, sum(amount) as amount
                        from (select distinct subject_type, subject_id, subject_version, amount, currency
                              from workflow_approvals
                        """ + RESTRICTED + """
                                and decision = 'approved') once
                        group by currency order by currency
                        """, filter)
                .query((row, index) -> Amounts.ofMinor(row.getLong("amount"), row.getString("currency")))
                .list();
        return new Totals(decisions, approved);
    }

    private JdbcClient.StatementSpec restricted(String sql, Filter filter) {
        return jdbc.sql(sql)
                .param(
                        "by",
                        filter.decidedBy() == null ? null : filter.decidedBy().value())
                .param("type", filter.type())
                .param("decision", decision(filter.approved()))
                .param("from", timestamp(filter.from()))
                .param("until", timestamp(filter.until()));
    }

    /**
     * As {@link #list}, all of it; that somebody took it out of the system is in the audit log.
     *
     * @throws RuleViolation {@link Refusal#INVALID_INPUT} if it is too much for one file: nobody takes a part for the whole
     */
    public List<Entry> export(Filter filter) {
        List<Entry> entries = list(filter, MOST + 1);
        if (entries.size() > MOST) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "These are more than %,d decisions: choose a shorter time and export it in parts".formatted(MOST));
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("entries", entries.size());
        put(facts, "type", filter.type());
        put(facts, "decision", decision(filter.approved()));
        put(facts, "from", filter.from());
        put(facts, "until", filter.until());
        put(facts, "decidedBy", filter.decidedBy());
        audit.record("approvals.exported", "approvals", "history", facts);
        return entries;
    }

    private static void put(Map<String, Object> facts, String name, @Nullable Object value) {
        if (value != null) {
            facts.put(name, value.toString());
        }
    }

    private static @Nullable String decision(@Nullable Boolean approved) {
        return approved == null ? null : approved ? "approved" : "rejected";
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static Entry entry(ResultSet row, int index) throws SQLException {
        UUID id = row.getObject("subject_id", UUID.class);
        @Nullable UUID onBehalfOf = row.getObject("on_behalf_of", UUID.class);
        Money amount = Amounts.ofMinor(row.getLong("amount"), row.getString("currency"));
        return new Entry(
                row.getString("subject_type"),
                id,
                Objects.requireNonNullElse(row.getString("case_number"), id.toString()),
                row.getInt("subject_version"),
                row.getInt("level"),
                row.getString("level_role"),
                row.getString("decision").equals("approved"),
                amount,
                new UserId(row.getObject("decided_by", UUID.class)),
                row.getString("decided_as"),
                onBehalfOf == null ? null : new UserId(onBehalfOf),
                new UserId(row.getObject("requested_by", UUID.class)),
                row.getString("source"),
                row.getString("comment"),
                row.getTimestamp("decided_at").toInstant(),
                row.getString("rule"),
                List.of((String[]) row.getArray("warnings").getArray()));
    }
}
