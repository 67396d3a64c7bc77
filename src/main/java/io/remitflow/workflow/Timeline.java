package io.remitflow.workflow;

import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What happened to a case, step by step, for the people who work on it. */
@Service
public class Timeline {

    private static final String SYSTEM = "System";

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final Users users;
    private final Clock clock;

    Timeline(JdbcClient jdbc, JdbcTemplate batches, Users users, Clock clock) {
        this.jdbc = jdbc;
        this.batches = batches;
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
        add(subjectType, step, CurrentUser.find().orElse(null), Map.of(subjectId, text));
    }

    /**
     * For a step of the process that may be told twice: nothing is added while it is the last thing that happened. Callers
     * that may be told at the same moment lock their case.
     *
     * @return whether it was added
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean addOnce(String subjectType, UUID subjectId, String step, String text) {
        boolean told = jdbc.sql("""
                        select step = :step from workflow_timeline
                         where subject_type = :subjectType and subject_id = :subjectId
                         order by at desc, id desc limit 1
                        """)
                .param("step", step)
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .query(Boolean.class)
                .optional()
                .orElse(false);
        if (!told) {
            add(subjectType, subjectId, step, text);
        }
        return !told;
    }

    /**
     * For a step that happens once with these words, whatever happened since. Callers that may be told at the same moment
     * lock their case.
     *
     * @return whether it was added
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean addFirst(String subjectType, UUID subjectId, String step, String text) {
        boolean told = jdbc.sql("""
                        select exists (select from workflow_timeline
                                       where subject_type = :subjectType and subject_id = :subjectId
                                         and step = :step and text = :text)
                        """)
                .param("step", step)
                .param("text", CardNumbers.removedFrom(text))
                .param("subjectType", subjectType)
                .param("subjectId", subjectId)
                .query(Boolean.class)
                .single();
        if (!told) {
            add(subjectType, subjectId, step, text);
        }
        return !told;
    }

    /**
     * For a step that someone took elsewhere, such as in Tasklist, and that is only now taken over.
     *
     * @param actor null: the system
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void add(String subjectType, UUID subjectId, @Nullable UserId actor, String step, String text) {
        add(subjectType, step, actor, Map.of(subjectId, text));
    }

    /**
     * The same step of many cases in one round trip.
     *
     * @param texts by the id of the case
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void add(String subjectType, String step, Map<UUID, String> texts) {
        add(subjectType, step, CurrentUser.find().orElse(null), texts);
    }

    private void add(String subjectType, String step, @Nullable UserId actor, Map<UUID, String> texts) {
        UUID organization = CurrentOrganization.id().value();
        UUID by = actor == null ? null : actor.value();
        Timestamp now = Timestamp.from(clock.instant());
        List<Object[]> rows = new ArrayList<>();
        texts.forEach((subjectId, text) -> rows.add(new Object[] {
            organization, Ids.next(), subjectType, subjectId, now, by, step, CardNumbers.removedFrom(text)
        }));
        batches.batchUpdate("""
                insert into workflow_timeline (org_id, id, subject_type, subject_id, at, actor_id, step, text)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                """, rows);
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
