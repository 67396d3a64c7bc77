package io.remitflow.reconciliation;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of reconciliation_runs. */
@Repository
class RunRows {

    private static final String COLUMNS =
            "id, period_start, period_end, runs, trigger_source, triggered_by, first_run_at, "
                    + "last_run_at, internal_count, provider_count, record_count, matched_count, found_count";

    private final JdbcClient jdbc;

    RunRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One run of an organization after the other, whatever its period: whoever comes second waits. */
    void takeTurns() {
        Turns.take(jdbc, "billing reconciliation");
    }

    /** @return the run of this period: a new row, or the one that is there */
    UUID begin(UUID id, Period period, Trigger trigger, @Nullable UserId by, Instant now) {
        return jdbc.sql("""
                        insert into reconciliation_runs as r (org_id, id, period_start, period_end, runs, trigger_source,
                            triggered_by, first_run_at, last_run_at)
                        values (:org, :id, :start, :end, 1, :trigger, :by, :now, :now)
                        on conflict (org_id, period_start, period_end) do update
                            set runs = r.runs + 1, trigger_source = excluded.trigger_source,
                                triggered_by = excluded.triggered_by, last_run_at = excluded.last_run_at
                        returning id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("start", period.start())
                .param("end", period.end())
                .param("trigger", trigger.key())
                .param("by", by == null ? null : by.value(), Types.OTHER)
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .query(UUID.class)
                .single();
    }

    void finish(UUID id, RunSummary summary, String json, String markdown) {
        jdbc.sql("""
                        update reconciliation_runs
                        set internal_count = :ours, provider_count = :theirs, record_count = :records,
                            matched_count = :matched, found_count = :found, report_json = :json::jsonb,
                            report_markdown = :markdown
                        where id = :id
                        """)
                .param("ours", summary.internalCount())
                .param("theirs", summary.providerCount())
                .param("records", summary.recordCount())
                .param("matched", summary.matchedCount())
                .param("found", summary.foundCount())
                .param("json", json)
                .param("markdown", markdown)
                .param("id", id)
                .update();
    }

    ReconciliationRun get(UUID id) {
        return jdbc.sql("select " + COLUMNS + " from reconciliation_runs where id = :id")
                .param("id", id)
                .query(RunRows::run)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the run"));
    }

    /** Newest period first. */
    List<ReconciliationRun> list(@Nullable UUID after, int limit) {
        return jdbc.sql("select " + COLUMNS + """
                         from reconciliation_runs
                        where :after::uuid is null
                           or (period_end, id) < (select period_end, id from reconciliation_runs where id = :after::uuid)
                        order by period_end desc, id desc limit :limit
                        """)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(RunRows::run)
                .list();
    }

    boolean ranSince(Period period, Instant since) {
        return Boolean.TRUE.equals(jdbc.sql("""
                        select exists (select from reconciliation_runs
                                        where period_start = :start and period_end = :end and last_run_at >= :since)
                        """)
                .param("start", period.start())
                .param("end", period.end())
                .param("since", Timestamp.from(since), Types.TIMESTAMP)
                .query(Boolean.class)
                .single());
    }

    Optional<LocalDate> firstDay() {
        return jdbc.sql("select period_start from reconciliation_runs order by period_start limit 1")
                .query(LocalDate.class)
                .optional();
    }

    ReconciliationRuns.Report report(UUID id) {
        return jdbc.sql(
                        "select report_json::text as json, report_markdown as markdown from reconciliation_runs where id = :id")
                .param("id", id)
                .query((row, index) -> new ReconciliationRuns.Report(row.getString("json"), row.getString("markdown")))
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the run"));
    }

    private static ReconciliationRun run(ResultSet row, int index) throws SQLException {
        UUID by = row.getObject("triggered_by", UUID.class);
        return new ReconciliationRun(
                row.getObject("id", UUID.class),
                new Period(
                        row.getObject("period_start", LocalDate.class), row.getObject("period_end", LocalDate.class)),
                row.getInt("runs"),
                Trigger.ofKey(row.getString("trigger_source")),
                by == null ? null : new UserId(by),
                row.getTimestamp("first_run_at").toInstant(),
                row.getTimestamp("last_run_at").toInstant(),
                row.getLong("internal_count"),
                row.getLong("provider_count"),
                row.getLong("record_count"),
                row.getLong("matched_count"),
                row.getLong("found_count"));
    }
}
