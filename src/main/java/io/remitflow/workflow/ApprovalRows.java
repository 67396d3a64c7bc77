package io.remitflow.workflow;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code workflow_approvals}; rows are only ever added. */
@Repository
class ApprovalRows {

    private final JdbcClient jdbc;

    ApprovalRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(ApprovalSubject subject, Approval approval) {
        var onBehalfOf = approval.onBehalfOf();
        jdbc.sql("""
                        insert into workflow_approvals (org_id, id, subject_type, subject_id, subject_version, level,
                            level_role, decision, amount, currency, decided_by, decided_as, on_behalf_of, requested_by,
                            prepared_by, task_key, source, comment, decided_at, rule, case_number, warnings)
                        values (:org, :id, :type, :subject, :version, :level, :levelRole, :decision, :amount, :currency,
                            :decidedBy, :decidedAs, :onBehalfOf, :requestedBy, :preparedBy, :task, :source, :comment, :at,
                            :rule, :number, string_to_array(:warnings, chr(31)))
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("type", subject.type())
                .param("subject", subject.id())
                .param("version", approval.version())
                .param("level", approval.level())
                .param("levelRole", approval.levelRole())
                .param("decision", approval.approved() ? "approved" : "rejected")
                .param("amount", approval.amount().getAmountMinorLong())
                .param("currency", approval.amount().getCurrencyUnit().getCode())
                .param("decidedBy", approval.decidedBy().value())
                .param("decidedAs", approval.decidedAs())
                .param("onBehalfOf", onBehalfOf == null ? null : onBehalfOf.value(), Types.OTHER)
                .param("requestedBy", subject.requestedBy().value())
                .param("preparedBy", subject.preparedBy().value())
                .param("task", approval.taskKey())
                .param("source", approval.source())
                .param("comment", approval.comment())
                .param("at", Timestamp.from(approval.decidedAt()))
                .param("rule", approval.rule())
                .param("number", subject.words())
                .param("warnings", String.join("\u001f", approval.warnings()))
                .update();
    }

    /** Of all versions, in the order they were given. */
    List<Approval> of(String type, UUID id) {
        return jdbc.sql("""
                        select * from workflow_approvals where subject_type = :type and subject_id = :id
                        order by decided_at, id
                        """)
                .param("type", type)
                .param("id", id)
                .query(ApprovalRows::approval)
                .list();
    }

    /** The newest decision of a rule about the case, in words. */
    @Nullable String ruleOf(String type, UUID id) {
        return jdbc.sql("""
                        select decision_id || ' version ' || decision_version from workflow_decisions
                        where subject_type = :type and subject_id = :id order by decided_at desc, id desc limit 1
                        """)
                .param("type", type)
                .param("id", id)
                .query(String.class)
                .optional()
                .orElse(null);
    }

    /** What one person approved of what another one requested since then. */
    Approvals.Pair approvedBetween(String type, UserId requester, UserId approver, String currency, Instant since) {
        return jdbc.sql("""
                        select count(distinct subject_id) as cases, coalesce(sum(amount), 0) as amount
                        from workflow_approvals
                        where subject_type = :type and requested_by = :requester and decided_by = :approver
                          and currency = :currency and decision = 'approved' and decided_at >= :since
                        """)
                .param("type", type)
                .param("requester", requester.value())
                .param("approver", approver.value())
                .param("currency", currency)
                .param("since", Timestamp.from(since))
                .query((row, index) ->
                        new Approvals.Pair(row.getInt("cases"), Amounts.ofMinor(row.getLong("amount"), currency)))
                .single();
    }

    private static Approval approval(ResultSet row, int index) throws SQLException {
        @Nullable UUID onBehalfOf = row.getObject("on_behalf_of", UUID.class);
        Money amount = Amounts.ofMinor(row.getLong("amount"), row.getString("currency"));
        return new Approval(
                row.getInt("subject_version"),
                row.getInt("level"),
                row.getString("level_role"),
                row.getString("decision").equals("approved"),
                amount,
                new UserId(row.getObject("decided_by", UUID.class)),
                row.getString("decided_as"),
                onBehalfOf == null ? null : new UserId(onBehalfOf),
                row.getLong("task_key"),
                row.getString("source"),
                row.getString("comment"),
                row.getTimestamp("decided_at").toInstant(),
                row.getString("rule"),
                List.of((String[]) row.getArray("warnings").getArray()));
    }
}
