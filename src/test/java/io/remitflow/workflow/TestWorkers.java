package io.remitflow.workflow;

import io.camunda.client.annotation.JobKey;
import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

/** Workers of {@code workflow-test.bpmn} and {@code workflow-test-task.bpmn}; each does what its message asked for. */
public class TestWorkers {

    static final String PATIENT = "Canary Patient 1970-01-01";

    private final ProcessInstances instances;

    final Map<String, Set<Long>> startedInstances = new ConcurrentHashMap<>();
    final Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();
    final Map<String, AtomicInteger> finished = new ConcurrentHashMap<>();
    final Map<String, AtomicInteger> refused = new ConcurrentHashMap<>();
    final Map<String, Object> decisions = new ConcurrentHashMap<>();
    final Set<String> repaired = ConcurrentHashMap.newKeySet();

    TestWorkers(ProcessInstances instances) {
        this.instances = instances;
    }

    @JobWorker(type = "workflow.test-work")
    public void work(
            @Variable String orgId,
            @Variable String testId,
            @Variable String behaviour,
            @ProcessInstanceKey long processInstanceKey,
            @JobKey long jobKey)
            throws InterruptedException {
        startedInstances
                .computeIfAbsent(testId, id -> ConcurrentHashMap.newKeySet())
                .add(processInstanceKey);
        int attempt =
                attempts.computeIfAbsent(testId, id -> new AtomicInteger()).incrementAndGet();
        CurrentOrganization.run(
                OrganizationId.of(orgId), () -> instances.started("workflow-test", testId, processInstanceKey));
        switch (behaviour) {
            case "refused" -> throw new RuleViolation(Refusal.ACCOUNT_NOT_ACTIVE, "the account is closed");
            case "refused-unexpectedly" -> throw new RuleViolation(Refusal.PERIOD_CLOSED, PATIENT);
            case "fails-twice" -> {
                if (attempt <= 2) {
                    throw new IllegalStateException(PATIENT);
                }
            }
            case "not-yet" -> {
                if (attempt <= 4) {
                    throw new NotYet("the record is on its way");
                }
            }
            case "engine-busy" -> {
                if (attempt <= 4) {
                    throw new EngineUnavailable("the request limit is exhausted", null);
                }
            }
            case "books-away" -> {
                if (attempt <= 4) {
                    throw new CannotGetJdbcConnectionException("no connection within 5000 ms");
                }
            }
            case "fails" -> {
                if (!repaired.contains(testId)) {
                    throw new IllegalStateException(PATIENT);
                }
            }
            case "slow" -> {
                if (attempt == 1) {
                    Thread.sleep(10_000);
                }
            }
            default -> {}
        }
    }

    @JobWorker(type = "workflow.test-finish")
    public void finish(@Variable String testId, @Variable @Nullable Object decision) {
        if (decision != null) {
            decisions.put(testId, decision);
        }
        finished.computeIfAbsent(testId, id -> new AtomicInteger()).incrementAndGet();
    }

    @JobWorker(type = "workflow.test-note-refusal")
    public void noteRefusal(@Variable String testId) {
        refused.computeIfAbsent(testId, id -> new AtomicInteger()).incrementAndGet();
    }

    int finished(String testId) {
        return finished.getOrDefault(testId, new AtomicInteger()).get();
    }

    int attempts(String testId) {
        return attempts.getOrDefault(testId, new AtomicInteger()).get();
    }
}
