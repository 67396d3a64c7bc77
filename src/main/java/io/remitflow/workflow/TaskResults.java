package io.remitflow.workflow;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Which completed human tasks were taken into account, accepted or refused: no task counts twice. */
@Service
@Transactional(propagation = Propagation.MANDATORY)
public class TaskResults {

    private final JdbcClient jdbc;
    private final Clock clock;

    TaskResults(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @return false if the task was taken into account before */
    public boolean use(String subjectType, UUID subjectId, TaskResult result) {
        var actor = result.actor();
        return jdbc.sql("""
                                insert into workflow_task_results (org_id, task_key, subject_type, subject_id, element_id,
                                    actor, source, accepted, refusal, job_key, recorded_at)
                                values (:org, :task, :type, :subject, :element, :actor, :source, :accepted, :refusal, :job,
                                    :now)
                                on conflict do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("task", result.taskKey())
                        .param("type", subjectType)
                        .param("subject", subjectId)
                        .param("element", result.element())
                        .param("actor", actor == null ? null : actor.value(), Types.OTHER)
                        .param("source", result.source())
                        .param("accepted", result.refusal() == null)
                        .param("refusal", result.refusal())
                        .param("job", result.jobKey())
                        .param("now", Timestamp.from(clock.instant()))
                        .update()
                == 1;
    }

    public Set<Long> used(String subjectType, UUID subjectId) {
        return Set.copyOf(
                jdbc.sql("select task_key from workflow_task_results where subject_type = :type and subject_id = :id")
                        .param("type", subjectType)
                        .param("id", subjectId)
                        .query(Long.class)
                        .list());
    }

    /** What an earlier delivery of the same job found. */
    public Optional<TaskResult> foundBy(String subjectType, UUID subjectId, long jobKey) {
        return jdbc.sql("""
                        select * from workflow_task_results
                        where subject_type = :type and subject_id = :id and job_key = :job
                        """)
                .param("type", subjectType)
                .param("id", subjectId)
                .param("job", jobKey)
                .query(TaskResults::result)
                .optional();
    }

    private static TaskResult result(ResultSet row, int index) throws SQLException {
        @Nullable UUID actor = row.getObject("actor", UUID.class);
        long job = row.getLong("job_key");
        boolean noJob = row.wasNull();
        return new TaskResult(
                row.getLong("task_key"),
                row.getString("element_id"),
                actor == null ? null : new UserId(actor),
                row.getString("source"),
                row.getString("refusal"),
                noJob ? null : job);
    }
}
