package io.remitflow.workflow;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The table {@code workflow_outbox}: written with the business change, taken under a lease, marked when the engine has it. */
@Component
class Outbox {

    /** The engine recognises a message id for this long. */
    static final Duration TIME_TO_LIVE = Duration.ofDays(7);

    /** Older rows are parked: a day before the engine might have forgotten a first attempt whose answer was lost. */
    static final Duration GIVE_UP_AFTER = TIME_TO_LIVE.minusDays(1);

    /** Longer than the two commands for a row may take, and short enough to go on within a minute of a crash. */
    private static final Duration LEASE = Duration.ofSeconds(30);

    private static final Duration KEEP_SENT = Duration.ofDays(30);
    private static final int PURGE_LIMIT = 1000;

    static final String DUE = "select from workflow_outbox where state = 'waiting' and next_attempt_at <= now()";

    private static final String SENT_LONG_AGO = """
            workflow_outbox where state = 'sent' and sent_at < now() - interval '%d days'
               -- With its first message a lost case starts again.
               and not exists (select from workflow_process_instances i
                                where i.org_id = workflow_outbox.org_id
                                  and i.business_key = workflow_outbox.correlation_key
                                  and i.ended_at is null)
            """.formatted(KEEP_SENT.toDays());

    static final String PURGE_DUE = "select from " + SENT_LONG_AGO;

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final Json json;
    private final ApplicationEventPublisher events;

    Outbox(JdbcClient jdbc, JdbcTemplate batches, Json json, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.json = json;
        this.events = events;
    }

    /** Something waits; heard after commit. */
    record Added(OrganizationId organization) {}

    sealed interface Row {
        UUID id();

        int attempts();

        String variables();
    }

    record Message(UUID id, int attempts, String variables, String name, String correlationKey) implements Row {}

    record TaskCompletion(UUID id, int attempts, String variables, long taskKey, String signInName) implements Row {}

    void addMessage(String name, String correlationKey, Map<String, ?> variables) {
        addMessages(name, Map.of(correlationKey, variables));
    }

    /** In one round trip, however many there are. */
    void addMessages(String name, Map<String, ? extends Map<String, ?>> variables) {
        if (variables.isEmpty()) {
            return;
        }
        UUID organization = CurrentOrganization.id().value();
        List<Object[]> rows = new ArrayList<>();
        variables.forEach((correlationKey, values) -> {
            var withOrganization = new LinkedHashMap<String, @Nullable Object>(values);
            withOrganization.put("orgId", organization.toString());
            rows.add(new Object[] {organization, Ids.next(), name, correlationKey, harmless(withOrganization)});
        });
        batches.batchUpdate("""
                insert into workflow_outbox (org_id, id, kind, message_name, correlation_key, variables)
                values (?, ?, 'message', ?, ?, ?::jsonb)
                """, rows);
        events.publishEvent(new Added(CurrentOrganization.id()));
    }

    void addTaskCompletion(long taskKey, String signInName, Map<String, ?> variables) {
        jdbc.sql("""
                        insert into workflow_outbox (org_id, id, kind, task_key, sign_in_name, variables)
                        values (:org, :id, 'task-completion', :taskKey, :signInName, :variables::jsonb)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("taskKey", taskKey)
                .param("signInName", signInName)
                .param("variables", harmless(variables))
                .update();
        events.publishEvent(new Added(CurrentOrganization.id()));
    }

    /** Refused here, in the transaction of the business change, it never gets as far as a retry. */
    private String harmless(Map<String, ?> variables) {
        ProcessVariables.requireHarmless(variables);
        return ProcessVariables.requireSmall(json.write(variables));
    }

    /** Takes what is due under a lease. Another instance of the application takes other rows. */
    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public List<Row> take(int limit) {
        return jdbc.sql("""
                        update workflow_outbox
                           set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => :lease)
                         where id in (select id from workflow_outbox
                                       where state = 'waiting' and next_attempt_at <= now()
                                         and created_at > now() - make_interval(secs => :giveUp)
                                       order by created_at, id limit :limit
                                         for no key update skip locked)
                        returning id, kind, attempts, variables, message_name, correlation_key, task_key, sign_in_name
                        """)
                .param("lease", LEASE.toSeconds())
                .param("giveUp", GIVE_UP_AFTER.toSeconds())
                .param("limit", limit)
                .query(Outbox::row)
                .list();
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void sent(UUID id) {
        jdbc.sql("""
                        update workflow_outbox set state = 'sent', sent_at = now(), last_error = null where id = :id
                        """).param("id", id).update();
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void failed(UUID id, String error, Duration pause) {
        jdbc.sql("""
                        update workflow_outbox
                           set last_error = :error, next_attempt_at = now() + make_interval(secs => :pauseMs / 1000.0)
                         where id = :id and state = 'waiting'
                        """)
                .param("id", id)
                .param("error", error)
                .param("pauseMs", pause.toMillis())
                .update();
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void parked(UUID id, String error) {
        jdbc.sql(
                        "update workflow_outbox set state = 'parked', last_error = :error where id = :id and state = 'waiting'")
                .param("id", id)
                .param("error", error)
                .update();
    }

    /** @return how many rows were too old to be sent */
    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public int parkExpired() {
        return jdbc.sql("""
                        update workflow_outbox set state = 'parked', last_error = coalesce(last_error, 'EXPIRED')
                         where state = 'waiting' and next_attempt_at <= now()
                           and created_at <= now() - make_interval(secs => :giveUp)
                        """).param("giveUp", GIVE_UP_AFTER.toSeconds()).update();
    }

    /** Sent rows are of no use once the engine has forgotten their ids. */
    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void purge() {
        jdbc.sql("""
                        delete from workflow_outbox where id in (select id from %s limit :limit)
                        """.formatted(SENT_LONG_AGO)).param("limit", PURGE_LIMIT).update();
    }

    private static Row row(ResultSet row, int number) throws SQLException {
        var id = row.getObject("id", UUID.class);
        int attempts = row.getInt("attempts");
        String variables = row.getString("variables");
        return row.getString("kind").equals("message")
                ? new Message(id, attempts, variables, row.getString("message_name"), row.getString("correlation_key"))
                : new TaskCompletion(id, attempts, variables, row.getLong("task_key"), row.getString("sign_in_name"));
    }
}
