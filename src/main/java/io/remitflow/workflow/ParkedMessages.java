package io.remitflow.workflow;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What could not be sent to the engine and waits for a person, and how much still waits for the engine. */
@Service
@Transactional
public class ParkedMessages {

    private static final int LIMIT = 200;

    private final JdbcClient jdbc;

    ParkedMessages(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<ParkedMessage> all() {
        return jdbc.sql("""
                        select id, coalesce(message_name, kind) as what, coalesce(correlation_key, task_key::text) as key,
                               attempts, last_error, created_at
                          from workflow_outbox where state = 'parked' order by created_at, id limit :limit
                        """)
                .param("limit", LIMIT)
                .query((row, number) -> new ParkedMessage(
                        row.getObject("id", UUID.class),
                        row.getString("what"),
                        row.getString("key"),
                        row.getInt("attempts"),
                        row.getString("last_error"),
                        row.getTimestamp("created_at").toInstant()))
                .list();
    }

    /** How many rows the engine has not received yet. */
    @Transactional(readOnly = true)
    public long waiting() {
        return jdbc.sql("select count(*) from workflow_outbox where state = 'waiting'")
                .query(Long.class)
                .single();
    }

    /** Since when the oldest of them waits. */
    @Transactional(readOnly = true)
    public Optional<Instant> oldestWaiting() {
        return jdbc.sql("select created_at from workflow_outbox where state = 'waiting' order by created_at limit 1")
                .query((row, number) -> row.getTimestamp("created_at").toInstant())
                .optional();
    }

    /**
     * Sends it again. The person has made sure that the engine did not get it: after seven days it no longer recognises a
     * repetition.
     */
    public void retry(UUID id) {
        jdbc.sql("""
                        update workflow_outbox set state = 'waiting', attempts = 0, next_attempt_at = now(), created_at = now()
                         where id = :id and state = 'parked'
                        """).param("id", id).update();
    }
}
