package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code refund_approvals} and {@code refund_task_results}; rows are only ever added. */
@Repository
class ApprovalRows {

    private final JdbcClient jdbc;

    ApprovalRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(Refund refund, Approval approval) {
        jdbc.sql("""
                        insert into refund_approvals (org_id, id, refund_id, refund_version, level, level_role, decision,
                            amount, currency, decided_by, decided_as, requested_by, prepared_by, task_key, source, comment,
                            decided_at)
                        values (:org, :id, :refund, :version, :level, :levelRole, :decision, :amount, :currency, :decidedBy,
                            :decidedAs, :requestedBy, :preparedBy, :task, :source, :comment, :at)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("refund", refund.id())
                .param("version", approval.version())
                .param("level", approval.level())
                .param("levelRole", approval.levelRole())
                .param("decision", approval.approved() ? "approved" : "rejected")
                .param("amount", approval.amount().getAmountMinorLong())
                .param("currency", approval.amount().getCurrencyUnit().getCode())
                .param("decidedBy", approval.decidedBy().value())
                .param("decidedAs", approval.decidedAs())
                .param("requestedBy", refund.requestedBy().value())
                .param("preparedBy", refund.preparedBy().value())
                .param("task", approval.taskKey())
                .param("source", approval.source())
                .param("comment", approval.comment())
                .param("at", Timestamp.from(approval.decidedAt()))
                .update();
    }

    /** Of all versions, in the order they were given. */
    List<Approval> of(UUID refundId) {
        return jdbc.sql("select * from refund_approvals where refund_id = :refund order by decided_at, id")
                .param("refund", refundId)
                .query(ApprovalRows::approval)
                .list();
    }

    List<Approval> ofVersion(Refund refund) {
        return of(refund.id()).stream()
                .filter(approval -> approval.version() == refund.version())
                .toList();
    }

    /** @return false if the task was taken into account before */
    boolean useTask(TaskResult result, UUID refundId, Instant now) {
        return jdbc.sql("""
                                insert into refund_task_results (org_id, task_key, refund_id, element_id, actor, source,
                                    accepted, refusal, job_key, recorded_at)
                                values (:org, :task, :refund, :element, :actor, :source, :accepted, :refusal, :job, :now)
                                on conflict do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("task", result.taskKey())
                        .param("refund", refundId)
                        .param("element", result.element())
                        .param(
                                "actor",
                                result.actor() == null ? null : result.actor().value(),
                                java.sql.Types.OTHER)
                        .param("source", result.source())
                        .param("accepted", result.refusal() == null)
                        .param("refusal", result.refusal())
                        .param("job", result.jobKey())
                        .param("now", Timestamp.from(now))
                        .update()
                == 1;
    }

    Set<Long> usedTasks(UUID refundId) {
        return Set.copyOf(jdbc.sql("select task_key from refund_task_results where refund_id = :refund")
                .param("refund", refundId)
                .query(Long.class)
                .list());
    }

    /** What an earlier delivery of the same job found. */
    Optional<TaskResult> foundBy(UUID refundId, long jobKey) {
        return jdbc.sql("select * from refund_task_results where refund_id = :refund and job_key = :job")
                .param("refund", refundId)
                .param("job", jobKey)
                .query(ApprovalRows::result)
                .optional();
    }

    /** The newest result of our own pages at an element that no job has looked at. */
    Optional<TaskResult> ownResult(UUID refundId, String element) {
        return jdbc.sql("""
                        select * from refund_task_results
                        where refund_id = :refund and element_id = :element and source = 'remitflow'
                        order by recorded_at desc limit 1
                        """)
                .param("refund", refundId)
                .param("element", element)
                .query(ApprovalRows::result)
                .optional();
    }

    private static Approval approval(ResultSet row, int index) throws SQLException {
        return new Approval(
                row.getInt("refund_version"),
                row.getInt("level"),
                row.getString("level_role"),
                row.getString("decision").equals("approved"),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                new UserId(row.getObject("decided_by", UUID.class)),
                row.getString("decided_as"),
                row.getLong("task_key"),
                row.getString("source"),
                row.getString("comment"),
                row.getTimestamp("decided_at").toInstant());
    }

    private static TaskResult result(ResultSet row, int index) throws SQLException {
        @Nullable UUID actor = row.getObject("actor", UUID.class);
        long job = row.getLong("job_key");
        return new TaskResult(
                row.getLong("task_key"),
                row.getString("element_id"),
                actor == null ? null : new UserId(actor),
                row.getString("source"),
                row.getString("refusal"),
                row.wasNull() ? null : job);
    }

    /** @param refusal null: the completion counts */
    record TaskResult(
            long taskKey,
            String element,
            @Nullable UserId actor,
            String source,
            @Nullable String refusal,
            @Nullable Long jobKey) {}
}
