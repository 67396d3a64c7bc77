package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_remittance_reviews}. */
@Repository
class ReviewRows {

    private static final String SELECT = """
            select v.*, r.trace_number, r.state from billing_remittance_reviews v
            join billing_remittances r on r.org_id = v.org_id and r.id = v.remittance_id
            where v.org_id = :org and v.remittance_id = :id
            """;

    private final JdbcClient jdbc;

    ReviewRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(
            UUID remittanceId,
            List<String> reasons,
            Money amount,
            boolean takesBack,
            @Nullable UserId requestedBy,
            Asked asked,
            Instant at) {
        jdbc.sql("""
                        insert into billing_remittance_reviews
                            (org_id, remittance_id, reasons, amount, currency, takes_back, requested_by, requested_at,
                             needs_approval, conflict_with, reopened_by)
                        values (:org, :id, :reasons, :amount, :currency, :takesBack, :by, :at,
                             :needsApproval, :conflictWith, :reopenedBy)
                        on conflict (org_id, remittance_id) do update
                        set round = billing_remittance_reviews.round + 1, reasons = :reasons, amount = :amount,
                            takes_back = :takesBack, requested_at = :at, needs_approval = :needsApproval,
                            conflict_with = :conflictWith, reopened_by = :reopenedBy, approval_levels = null,
                            approval_reason = null, refusal_reason = null, decision = null, decided_at = null,
                            decision_comment = null, conflict_choice = null, conflict_reason = null,
                            conflict_decided_by = null, conflict_decided_at = null
                        """)
                .param("needsApproval", asked.needsApproval())
                .param("conflictWith", asked.conflictWith(), Types.OTHER)
                .param(
                        "reopenedBy",
                        asked.reopenedBy() == null ? null : asked.reopenedBy().value(),
                        Types.OTHER)
                .param("org", organization())
                .param("id", remittanceId)
                .param("reasons", reasons.toArray(String[]::new))
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("takesBack", takesBack)
                .param("by", requestedBy == null ? null : requestedBy.value(), Types.OTHER)
                .param("at", Timestamp.from(at))
                .update();
    }

    /** What people are asked: to decide about a conflict, to approve, or first the one and then the other. */
    record Asked(
            boolean needsApproval,
            @Nullable UUID conflictWith,
            @Nullable UserId reopenedBy) {}

    /** A decision that leaves nothing to approve is the decision of the review. */
    void conflictDecided(
            UUID remittanceId, ConflictChoice choice, String reason, UserId by, boolean needsApproval, Instant at) {
        boolean posted = choice == ConflictChoice.ANOTHER_PAYMENT;
        String decision = posted ? (needsApproval ? null : "approved") : "rejected";
        jdbc.sql("""
                        update billing_remittance_reviews
                        set conflict_choice = :choice, conflict_reason = :reason, conflict_decided_by = :by,
                            conflict_decided_at = :at, refusal_reason = null, decision = :decision,
                            decided_at = case when cast(:decision as text) is null then null else cast(:at as timestamptz) end,
                            decision_comment = case when cast(:decision as text) is null then null else :reason end
                        where org_id = :org and remittance_id = :id
                        """)
                .param("choice", choice.key())
                .param("reason", reason)
                .param("by", by.value())
                .param("at", Timestamp.from(at))
                .param("decision", decision, Types.VARCHAR)
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    Optional<RemittanceReview> find(UUID remittanceId) {
        return review(SELECT, remittanceId);
    }

    RemittanceReview get(UUID remittanceId) {
        return find(remittanceId).orElseThrow(() -> RuleViolation.notFound("the review of this remittance"));
    }

    /** The remittance before its review, as whoever posts it locks them. */
    RemittanceReview lock(UUID remittanceId) {
        jdbc.sql("select id from billing_remittances where org_id = :org and id = :id for no key update")
                .param("org", organization())
                .param("id", remittanceId)
                .query(UUID.class)
                .optional();
        return review(SELECT + " for no key update of v", remittanceId)
                .orElseThrow(() -> RuleViolation.notFound("the review of this remittance"));
    }

    void ruleAnswered(UUID remittanceId, List<String> levels, String reason) {
        jdbc.sql("""
                        update billing_remittance_reviews set approval_levels = :levels, approval_reason = :reason
                        where org_id = :org and remittance_id = :id
                        """)
                .param("levels", levels.toArray(String[]::new))
                .param("reason", reason)
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    void decided(UUID remittanceId, boolean approved, @Nullable String comment, Instant at) {
        jdbc.sql("""
                        update billing_remittance_reviews
                        set decision = :decision, decision_comment = :comment, decided_at = :at, refusal_reason = null
                        where org_id = :org and remittance_id = :id
                        """)
                .param("decision", approved ? "approved" : "rejected")
                .param("comment", comment)
                .param("at", Timestamp.from(at))
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    void refused(UUID remittanceId, @Nullable String reason) {
        jdbc.sql("""
                        update billing_remittance_reviews set refusal_reason = :reason
                        where org_id = :org and remittance_id = :id
                        """)
                .param("reason", reason)
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    long waiting() {
        return jdbc.sql("select count(*) from billing_remittance_reviews where org_id = :org and decision is null")
                .param("org", organization())
                .query(Long.class)
                .single();
    }

    /** Of all that wait, in minor units of this currency. */
    long waitingMinor(String currency) {
        return jdbc.sql("""
                        select coalesce(sum(r.paid_amount), 0) from billing_remittance_reviews v
                        join billing_remittances r on r.org_id = v.org_id and r.id = v.remittance_id
                        where v.org_id = :org and v.decision is null and r.currency = :currency
                        """)
                .param("org", organization())
                .param("currency", currency)
                .query(Long.class)
                .single();
    }

    private Optional<RemittanceReview> review(String sql, UUID remittanceId) {
        return jdbc.sql(sql)
                .param("org", organization())
                .param("id", remittanceId)
                .query(ReviewRows::review)
                .optional();
    }

    private static RemittanceReview review(ResultSet row, int number) throws SQLException {
        @Nullable UUID requestedBy = row.getObject("requested_by", UUID.class);
        @Nullable String decision = row.getString("decision");
        @Nullable Array levels = row.getArray("approval_levels");
        @Nullable UUID reopenedBy = row.getObject("reopened_by", UUID.class);
        @Nullable String choice = row.getString("conflict_choice");
        return new RemittanceReview(
                row.getObject("remittance_id", UUID.class),
                row.getString("trace_number"),
                List.of((String[]) row.getArray("reasons").getArray()),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getBoolean("takes_back"),
                requestedBy == null ? null : new UserId(requestedBy),
                row.getTimestamp("requested_at").toInstant(),
                levels == null ? null : List.of((String[]) levels.getArray()),
                row.getString("approval_reason"),
                row.getString("refusal_reason"),
                decision == null ? null : decision.equals("approved"),
                row.getString("decision_comment"),
                RemittanceState.ofColumn(row.getString("state")),
                row.getInt("round"),
                reopenedBy == null ? null : new UserId(reopenedBy),
                row.getBoolean("needs_approval"),
                row.getObject("conflict_with", UUID.class),
                choice == null
                        ? null
                        : new RemittanceReview.ConflictDecision(
                                ConflictChoice.ofKey(choice),
                                row.getString("conflict_reason"),
                                new UserId(row.getObject("conflict_decided_by", UUID.class)),
                                row.getTimestamp("conflict_decided_at").toInstant()));
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
