package io.remitflow.workflow;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Which process instance belongs to which case: one per organization, process and business key. */
@Service
@Transactional
public class ProcessInstances {

    /** Where a case ended before its process began. */
    private static final long NO_INSTANCE = 0;

    private final JdbcClient jdbc;
    private final Clock clock;

    ProcessInstances(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Called by the first worker of each process before anything else; repeating it changes nothing.
     *
     * @throws RuleViolation {@link Refusal#CASE_HAS_ANOTHER_INSTANCE} in a second instance for the same case: the model
     *     catches it and ends that instance
     */
    public void started(String processId, String businessKey, long processInstanceKey) {
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
        boolean first = find(processId, businessKey)
                .filter(instance -> instance.processInstanceKey() == processInstanceKey)
                .isPresent();
        if (!first) {
            throw new RuleViolation(Refusal.CASE_HAS_ANOTHER_INSTANCE, "another process instance has this case");
        }
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

    /**
     * In the transaction that ends a case from outside of its process. An instance that begins only afterwards finds the case
     * taken and ends without effect. Repeating it changes nothing.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void caseEnded(String processId, String businessKey) {
        jdbc.sql("""
                        insert into workflow_process_instances as i
                               (org_id, process_id, business_key, process_instance_key, started_at, ended_at)
                        values (:org, :processId, :businessKey, :nobody, :at, :at)
                        on conflict (org_id, process_id, business_key)
                           do update set ended_at = coalesce(i.ended_at, excluded.ended_at)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("processId", processId)
                .param("businessKey", businessKey)
                .param("nobody", NO_INSTANCE)
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
