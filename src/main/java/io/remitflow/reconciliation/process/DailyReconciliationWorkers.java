package io.remitflow.reconciliation.process;

import io.camunda.client.annotation.JobWorker;
import io.remitflow.reconciliation.DailyReconciliation;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Job workers of {@code bpmn/daily-reconciliation.bpmn}. It is about all organizations, so it carries none. */
@Component
public class DailyReconciliationWorkers {

    private static final long TIMEOUT_MS = 1_800_000;

    private final DailyReconciliation daily;

    DailyReconciliationWorkers(DailyReconciliation daily) {
        this.daily = daily;
    }

    /** Longer than that, and the engine asks again: the second one waits for the first and finds nothing left to do. */
    @JobWorker(type = "reconciliation.run-daily", timeout = TIMEOUT_MS)
    public Map<String, Object> run() {
        var outcome = daily.runDue();
        return Map.of("reconciled", outcome.reconciled(), "failed", outcome.failed());
    }
}
