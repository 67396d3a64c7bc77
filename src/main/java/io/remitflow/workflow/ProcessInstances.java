package io.remitflow.workflow;

import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Which process instance belongs to which case: one per organization, process and business key. */
@Service
@Transactional
public class ProcessInstances {

    private final JdbcClient jdbc;
    private final Clock clock;

    ProcessInstances(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Called by the first worker of each process; repeating it changes nothing.
     *
     * @return whether this instance is the one of the case; otherwise it is a second one and must end
     */
    public boolean started(String processId, String businessKey, long processInstanceKey) {
        jdbc.sql("""
                        insert into workflow_process_instances
                               (org_id, process_id, business_key, process_instance_key, started_at)
                        values (:org, :processId, :businessKey, :key, :at)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("processId", processId)
                .param("businessKey", businessKey)
                .param("key", processInstanceKey)
                .param("at", Timestamp.from(clock.instant()))
                .update();
        return find(processId, businessKey)
                .filter(instance -> instance.processInstanceKey() == processInstanceKey)
                .isPresent();
    }

    /** Repeating it changes nothing. */
    public void ended(String processId, String businessKey, long processInstanceKey) {
        jdbc.sql("""
                        update workflow_process_instances set ended_at = :at
                         where process_id = :processId and business_key = :businessKey
                           and process_instance_key = :key and ended_at is null
                        """)
                .param("processId", processId)
                .param("businessKey", businessKey)
                .param("key", processInstanceKey)
                .param("at", Timestamp.from(clock.instant()))
                .update();
    }

    @Transactional(readOnly = true)
    public Optional<ProcessInstanceRef> find(String processId, String businessKey) {
        return jdbc.sql("""
                        select process_id, business_key, process_instance_key, started_at, ended_at
                          from workflow_process_instances
                         where process_id = :processId and business_key = :businessKey
                        """)
                .param("processId", processId)
                .param("businessKey", businessKey)
                .query((row, number) -> new ProcessInstanceRef(
                        row.getString("process_id"),
                        row.getString("business_key"),
                        row.getLong("process_instance_key"),
                        row.getTimestamp("started_at").toInstant(),
                        Rows.instant(row, "ended_at")))
                .optional();
    }
}
