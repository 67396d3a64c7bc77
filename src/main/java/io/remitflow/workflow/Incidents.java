package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.response.ActivatedJob;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.BooksAway;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Steps whose retries are used up.
 *
 * <p>Recorded when our own workers fail for the last time. Faults inside the engine (an expression, a decision without a
 * matching rule) are seen in Operate only, because an engine of version 8.6 cannot be asked for them.
 */
@Service
public class Incidents {

    private static final Logger log = LoggerFactory.getLogger(Incidents.class);
    private static final int LIMIT = 200;
    private static final String SELECT = """
            select id, process_id, element_id, process_instance_key, element_instance_key, job_key, job_type, code,
                   correlation_id, occurred_at, resolved_at
              from workflow_incidents
            """;

    private final CamundaClient engine;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final AuditLog audit;
    private final Clock clock;

    Incidents(CamundaClient engine, JdbcClient jdbc, TransactionTemplate transactions, AuditLog audit, Clock clock) {
        this.engine = engine;
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.audit = audit;
        this.clock = clock;
    }

    private record Stuck(Incident incident, long elementInstanceKey) {}

    /** Oldest first. */
    public List<Incident> open() {
        return Objects.requireNonNull(transactions.execute(transaction -> jdbc
                .sql(SELECT + "where resolved_at is null order by occurred_at, id limit :limit")
                .param("limit", LIMIT)
                .query(Incidents::stuck)
                .list()
                .stream()
                .map(Stuck::incident)
                .toList()));
    }

    /**
     * Lets the step run again from its beginning, with new retries.
     *
     * <p>The element is ended and entered anew by a modification of the process instance: the job's own incident would have
     * to be resolved by its key, which an engine of version 8.6 does not tell. A timer at the element starts anew.
     *
     * @throws RuleViolation if the engine refuses; the incident stays. An instance or element that is no longer there needs
     *     nobody any more.
     */
    public void retry(UUID id) {
        var stuck = find(id).orElseThrow(() -> RuleViolation.notFound("incident"));
        try {
            EngineCalls.join(
                    engine.newModifyProcessInstanceCommand(stuck.incident().processInstanceKey())
                            .terminateElement(stuck.elementInstanceKey())
                            .and()
                            .activateElement(stuck.incident().elementId())
                            .send());
        } catch (EngineUnavailable e) {
            throw e;
        } catch (RuntimeException e) {
            if (!isGone(e)) {
                log.warn("The engine refuses to repeat the step of incident {} ({})", id, EngineCalls.code(e));
                throw new RuleViolation(
                        Refusal.STEP_NOT_REPEATABLE,
                        "the engine refuses to repeat this step; look at its process in Operate");
            }
            log.info("Incident {} is no longer there ({})", id, EngineCalls.code(e));
        }
        transactions.executeWithoutResult(transaction -> {
            resolved(id);
            audit.record(
                    "incident.retried",
                    "incident",
                    id.toString(),
                    Map.of("jobType", stuck.incident().jobType()));
        });
    }

    /** Somebody repeated or ended the step in Operate: the engine names the element, but with the code of a wrong request. */
    private static boolean isGone(RuntimeException e) {
        return EngineCalls.of(e) == EngineCalls.GONE
                || String.valueOf(e.getMessage()).contains("element instance that could not be found");
    }

    private Optional<Stuck> find(UUID id) {
        return Objects.requireNonNull(
                transactions.execute(transaction -> jdbc.sql(SELECT + "where id = :id and resolved_at is null")
                        .param("id", id)
                        .query(Incidents::stuck)
                        .optional()));
    }

    /** The job fails in any case, without a record as an incident in Operate only; unless the books are away, which is thrown. */
    void record(ActivatedJob job, String code, String correlationId) {
        try {
            Object organization = job.getVariablesAsMap().get("orgId");
            if (organization == null) {
                log.error("Job type {} does not fetch the variable orgId: its incident is not listed", job.getType());
                return;
            }
            CurrentOrganization.run(
                    OrganizationId.of(organization.toString()),
                    () -> transactions.executeWithoutResult(transaction -> insert(job, code, correlationId)));
        } catch (RuntimeException e) {
            if (BooksAway.causes(e)) {
                throw e;
            }
            log.error("The incident {} could not be recorded", correlationId, e);
        }
    }

    private void insert(ActivatedJob job, String code, String correlationId) {
        jdbc.sql("""
                        insert into workflow_incidents (org_id, id, process_id, element_id, process_instance_key,
                               element_instance_key, job_key, job_type, code, correlation_id, occurred_at)
                        values (:org, :id, :processId, :elementId, :processInstanceKey, :elementInstanceKey, :jobKey,
                               :jobType, :code, :correlationId, :at)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("processId", job.getBpmnProcessId())
                .param("elementId", job.getElementId())
                .param("processInstanceKey", job.getProcessInstanceKey())
                .param("elementInstanceKey", job.getElementInstanceKey())
                .param("jobKey", job.getKey())
                .param("jobType", job.getType())
                .param("code", code)
                .param("correlationId", correlationId)
                .param("at", Timestamp.from(clock.instant()))
                .update();
    }

    private void resolved(UUID id) {
        jdbc.sql("update workflow_incidents set resolved_at = :at where id = :id")
                .param("id", id)
                .param("at", Timestamp.from(clock.instant()))
                .update();
    }

    private static Stuck stuck(ResultSet row, int number) throws SQLException {
        return new Stuck(
                new Incident(
                        row.getObject("id", UUID.class),
                        row.getString("process_id"),
                        row.getString("element_id"),
                        row.getLong("process_instance_key"),
                        row.getString("job_type"),
                        row.getString("code"),
                        row.getString("correlation_id"),
                        row.getTimestamp("occurred_at").toInstant(),
                        Rows.instant(row, "resolved_at")),
                row.getLong("element_instance_key"));
    }
}
