package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Open cases without a process, because the engine lost its data or was restored to an older state.
 *
 * <p>An engine of version 8.6 cannot be asked which instances it has, only whether it takes a command for one. So a sample
 * is asked regularly, and everything as soon as one of it is gone. After such a loss the engine counts its keys from the
 * beginning, and a new instance may get the key of a lost one: the earlier it is asked, the less is overlooked.
 */
@Service
public class LostProcesses {

    private static final Logger log = LoggerFactory.getLogger(LostProcesses.class);
    private static final int SAMPLE = 100;
    private static final int MOST = 20_000;
    private static final int SHOWN = 200;

    /** A message that was sent has become an instance within this time, or never will. */
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(5);

    private final CamundaClient engine;
    private final Deployments deployments;
    private final ProcessModels models;
    private final ProcessMessages messages;
    private final Json json;
    private final Organizations organizations;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final AuditLog audit;
    private final Clock clock;
    private final Map<String, ResumableProcess> resumable = new HashMap<>();

    LostProcesses(
            CamundaClient engine,
            Deployments deployments,
            ProcessModels models,
            ProcessMessages messages,
            Json json,
            Organizations organizations,
            JdbcClient jdbc,
            TransactionTemplate transactions,
            AuditLog audit,
            Clock clock,
            List<ResumableProcess> resumable) {
        this.engine = engine;
        this.deployments = deployments;
        this.models = models;
        this.messages = messages;
        this.json = json;
        this.organizations = organizations;
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.audit = audit;
        this.clock = clock;
        resumable.forEach(process -> this.resumable.put(process.processId(), process));
    }

    private record Open(String processId, String businessKey, long key) {}

    @Scheduled(
            initialDelayString = "${remitflow.workflow.look-for-lost-after:PT20S}",
            fixedDelayString = "${remitflow.workflow.look-for-lost-every:PT10M}")
    void lookEverywhere() {
        if (!deployments.done()) {
            return;
        }
        for (Organization organization : organizations.all()) {
            try {
                CurrentOrganization.run(organization.id(), this::look);
            } catch (EngineUnavailable e) {
                return;
            }
        }
    }

    /**
     * Asks the engine for open cases of the current organization.
     *
     * @return how many it does not know any more
     * @throws EngineUnavailable if it does not answer
     */
    public int look() {
        int lost = ask(open(SAMPLE));
        if (lost == 0) {
            return 0;
        }
        lost += ask(open(MOST));
        log.error("The engine does not know {} open cases any more; see the operations page", lost);
        // What was sent to it before its models are there again would wait in vain.
        deployments.again();
        return lost;
    }

    private int ask(List<Open> instances) {
        int lost = 0;
        for (Open instance : instances) {
            if (!isKnown(instance.key())) {
                lost += mark(instance);
            }
        }
        return lost;
    }

    /** A command without effect, which the engine refuses for an instance it does not have. */
    private boolean isKnown(long key) {
        try {
            EngineCalls.join(engine.newSetVariablesCommand(key)
                    .variables(Map.of())
                    .local(true)
                    .send());
            return true;
        } catch (EngineUnavailable e) {
            throw e;
        } catch (RuntimeException e) {
            if (EngineCalls.of(e) == EngineCalls.GONE) {
                return false;
            }
            throw e;
        }
    }

    /** Those marked, oldest first, and those whose start the engine took without ever beginning. */
    public List<LostProcess> all() {
        return inTransaction(() -> {
            List<LostProcess> lost = new ArrayList<>(jdbc.sql("""
                            select process_id, business_key, lost_at from workflow_process_instances
                             where lost_at is not null and ended_at is null order by lost_at, started_at limit :limit
                            """)
                    .param("limit", SHOWN)
                    .query((row, number) -> lost(
                            row.getString("process_id"),
                            row.getString("business_key"),
                            row.getTimestamp("lost_at").toInstant()))
                    .list());
            models.startMessages().forEach((processId, message) -> lost.addAll(neverStarted(processId, message)));
            return List.copyOf(lost);
        });
    }

    /**
     * Starts the process of a case again: it goes on where the books say.
     *
     * @throws RuleViolation if the case is not lost, or its process could do something twice
     */
    public void startAgain(String processId, String businessKey) {
        String message = Optional.ofNullable(models.startMessages().get(processId))
                .orElseThrow(() -> RuleViolation.notFound("process"));
        inTransaction(() -> {
            int removed = jdbc.sql("""
                            delete from workflow_process_instances
                             where process_id = :process and business_key = :key and lost_at is not null and ended_at is null
                            """)
                    .param("process", processId)
                    .param("key", businessKey)
                    .update();
            boolean neverStarted = neverStarted(processId, message).stream()
                    .anyMatch(lost -> lost.businessKey().equals(businessKey));
            if (removed == 0 && !neverStarted) {
                throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this case has its process again");
            }
            if (!lost(processId, businessKey, clock.instant()).startsAgain()) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "this process could repeat something; end the case by hand");
            }
            messages.publish(message, businessKey, startVariables(message, businessKey));
            audit.record("process.started-again", processId, businessKey, Map.of());
            return removed;
        });
    }

    private Map<String, ?> startVariables(String message, String businessKey) {
        return json.readVariables(jdbc.sql("""
                        delete from workflow_outbox
                         where id = (select id from workflow_outbox
                                      where kind = 'message' and message_name = :message and correlation_key = :key
                                        and state = 'sent'
                                      order by created_at desc limit 1)
                        returning variables::text
                        """)
                .param("message", message)
                .param("key", businessKey)
                .query(String.class)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("message that started this case")));
    }

    private List<LostProcess> neverStarted(String processId, String message) {
        return jdbc.sql("""
                        select o.correlation_key, o.sent_at from workflow_outbox o
                         where o.kind = 'message' and o.state = 'sent' and o.message_name = :message and o.sent_at < :before
                           and not exists (select from workflow_process_instances i
                                            where i.org_id = o.org_id and i.process_id = :process
                                              and i.business_key = o.correlation_key)
                         order by o.sent_at limit :limit
                        """)
                .param("message", message)
                .param("process", processId)
                .param("before", Timestamp.from(clock.instant().minus(STARTS_WITHIN)))
                .param("limit", SHOWN)
                .query((row, number) -> lost(
                        processId,
                        row.getString("correlation_key"),
                        row.getTimestamp("sent_at").toInstant()))
                .list();
    }

    private LostProcess lost(String processId, String businessKey, Instant since) {
        ResumableProcess process = resumable.get(processId);
        return new LostProcess(processId, businessKey, since, process != null && process.resumes(businessKey));
    }

    /** Anyone of them, or all: the limit only keeps a list from growing without end. */
    private List<Open> open(int limit) {
        return inTransaction(() -> jdbc.sql("""
                        select process_id, business_key, process_instance_key from workflow_process_instances
                         where ended_at is null and lost_at is null order by random() limit :limit
                        """)
                .param("limit", limit)
                .query((row, number) -> new Open(row.getString(1), row.getString(2), row.getLong(3)))
                .list());
    }

    /** One that ended while we asked is not lost. */
    private int mark(Open instance) {
        return inTransaction(() -> jdbc.sql("""
                        update workflow_process_instances set lost_at = :now
                         where process_id = :process and business_key = :key and process_instance_key = :instance
                           and ended_at is null and lost_at is null
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("process", instance.processId())
                .param("key", instance.businessKey())
                .param("instance", instance.key())
                .update());
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }
}
