package io.remitflow.workflow;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What happened to a case, step by step, for the people who work on it. */
@Service
public class Timeline {

    private static final String SYSTEM = "System";

    private final JdbcClient jdbc;
    private final Users users;
    private final Clock clock;

    Timeline(JdbcClient jdbc, Users users, Clock clock) {
        this.jdbc = jdbc;
        this.users = users;
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
                        values (:org, :id, :subjectType, :subjectId, :at, :actor, :step, :text)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .param("at", Timestamp.from(clock.instant()))
                .param("actor", CurrentUser.find().map(UserId::value).orElse(null))
                .param("step", step)
                .param("text", text)
                .update();
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<TimelineEntry> of(String subjectType, UUID subjectId) {
        var names = new HashMap<UUID, String>();
        return jdbc.sql("""
                        select at, actor_id, step, text from workflow_timeline
                         where subject_type = :subjectType and subject_id = :subjectId
                         order by at, id
                        """)
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .query((row, number) -> {
                    var actor = row.getObject("actor_id", UUID.class);
                    return new TimelineEntry(
                            row.getTimestamp("at").toInstant(),
                            actor == null ? SYSTEM : names.computeIfAbsent(actor, this::nameOf),
                            row.getString("step"),
                            row.getString("text"));
                })
                .list();
    }

    private String nameOf(UUID actor) {
        return users.find(new UserId(actor)).map(Person::displayName).orElse("Someone");
    }
}
