package io.remitflow.identity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.remitflow.core.Ids;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Who did what: written in the caller's transaction, so that an action that cannot be recorded does not happen.
 *
 * <p>Facts are ids, codes and amounts. Names, birth dates, member ids and secrets do not belong here.
 */
@Service
public class AuditLog {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    AuditLog(JdbcClient jdbc, ApplicationEventPublisher events, Clock clock) {
        this.jdbc = jdbc;
        this.events = events;
        this.clock = clock;
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void record(String action, String subjectType, String subjectId, Map<String, ?> facts) {
        var organization = CurrentOrganization.id();
        var actor = CurrentUser.find();
        jdbc.sql("""
                        insert into audit_log (org_id, id, recorded_at, actor_id, actor, action, subject_type, subject_id, facts)
                        values (:org, :id, :at, (select id from users where id = :actorId),
                                coalesce((select username from users where id = :actorId), 'system'), :action, :type, :subject, :facts::json)
                        """)
                .param("org", organization.value())
                .param("id", Ids.next())
                .param("at", clock.instant().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC))
                .param("actorId", actor.map(UserId::value).orElse(null), java.sql.Types.OTHER)
                .param("action", action)
                .param("type", subjectType)
                .param("subject", subjectId)
                .param("facts", json(facts))
                .update();
        events.publishEvent(new Recorded(organization));
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<AuditEntry> entries(Filter filter, @Nullable UUID before, int limit) {
        return jdbc.sql("""
                        select l.*, c.seq from audit_log l
                          left join audit_chain c on c.org_id = l.org_id and c.audit_id = l.id
                         where l.org_id = :org
                           and (cast(:action as text) is null or l.action = :action)
                           and (cast(:actor as text) is null or l.actor = :actor)
                           and (cast(:subject as text) is null or l.subject_id = :subject)
                           and (cast(:before as uuid) is null
                                or (l.recorded_at, l.id) < (select b.recorded_at, b.id from audit_log b where b.org_id = :org and b.id = :before))
                         order by l.recorded_at desc, l.id desc limit :limit
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("action", filter.action())
                .param("actor", filter.actor())
                .param("subject", filter.subjectId())
                .param("before", before)
                .param("limit", limit)
                .query((row, number) -> new AuditEntry(
                        row.getObject("id", UUID.class),
                        row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                        row.getString("actor"),
                        row.getString("action"),
                        row.getString("subject_type"),
                        row.getString("subject_id"),
                        row.getString("facts"),
                        row.getObject("seq", Long.class)))
                .list();
    }

    @Transactional(readOnly = true)
    public List<String> actions() {
        return jdbc.sql("select distinct action from audit_log where org_id = :org order by action")
                .param("org", CurrentOrganization.id().value())
                .query(String.class)
                .list();
    }

    private static String json(Map<String, ?> facts) {
        try {
            return JSON.writeValueAsString(new TreeMap<>(facts));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("facts of an audit entry must be plain values", e);
        }
    }

    /** Which entries to list; null does not restrict. */
    public record Filter(
            @Nullable String action,
            @Nullable String actor,
            @Nullable String subjectId) {}

    /** Something was recorded and waits to be sealed. */
    record Recorded(OrganizationId organization) {}
}
