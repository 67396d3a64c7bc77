package io.remitflow.workflow;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What happened to a case, step by step, for the people who work on it. */
@Service
public class Timeline {

    private final JdbcClient jdbc;
    private final Clock clock;

    Timeline(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * In the caller's transaction; the actor is the signed-in person, else the system.
     *
     * @param text numbers, amounts and codes, never the name or an id of a patient
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void add(String subjectType, UUID subjectId, String step, String text) {
        jdbc.sql("""
                        insert into workflow_timeline (org_id, id, subject_type, subject_id, at, actor_id, step, text)
                        values (:org, :id, :subjectType, :subjectId, :at, null, :step, :text)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .param("at", Timestamp.from(clock.instant()))
                .param("step", step)
                .param("text", text)
                .update();
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<TimelineEntry> of(String subjectType, UUID subjectId) {
        return jdbc.sql("""
                        select at, step, text from workflow_timeline
                         where subject_type = :subjectType and subject_id = :subjectId
                         order by at, id
                        """)
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .query((row, number) -> new TimelineEntry(
                        row.getTimestamp("at").toInstant(), "System", row.getString("step"), row.getString("text")))
                .list();
    }
}
