package io.remitflow.reconciliation.web;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.reconciliation.Period;
import io.remitflow.reconciliation.ReconciliationRun;
import io.remitflow.reconciliation.ReconciliationRuns;
import io.remitflow.reconciliation.Trigger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/reconciliation/runs")
class RunResource {

    private final ReconciliationRuns runs;
    private final Organizations organizations;

    RunResource(ReconciliationRuns runs, Organizations organizations) {
        this.runs = runs;
        this.organizations = organizations;
    }

    /** Yesterday, unless the body names a period. The same period again runs again and keeps its id. */
    @PostMapping("/trigger")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    RunView trigger(@RequestBody(required = false) @Nullable TriggerBody body) {
        return RunView.of(runs.run(
                period(body == null ? null : body.periodStart(), body == null ? null : body.periodEnd(), organizations),
                Trigger.PERSON));
    }

    @GetMapping
    @PreAuthorize("hasAuthority('reconciliation.view')")
    Page list(@RequestParam(required = false) @Nullable UUID after, @RequestParam(defaultValue = "50") int limit) {
        int wanted = Math.clamp(limit, 1, 200);
        List<RunView> items = runs.list(after, wanted).stream().map(RunView::of).toList();
        return new Page(items, items.size() < wanted ? null : items.getLast().id());
    }

    @GetMapping("/{runId}/report")
    @PreAuthorize("hasAuthority('reconciliation.view')")
    ReportView report(@PathVariable UUID runId) {
        ReconciliationRun run = runs.get(runId);
        var report = runs.report(run);
        return new ReportView(RunView.of(run), report.json(), report.markdown());
    }

    @GetMapping(value = "/{runId}/report", produces = "text/markdown;charset=UTF-8")
    @PreAuthorize("hasAuthority('reconciliation.view')")
    String markdown(@PathVariable UUID runId) {
        return runs.report(runs.get(runId)).markdown();
    }

    /** One day if only one end is given. */
    static Period period(@Nullable LocalDate start, @Nullable LocalDate end, Organizations organizations) {
        if (start == null && end == null) {
            return Period.of(organizations.today().minusDays(1));
        }
        LocalDate from = start == null ? java.util.Objects.requireNonNull(end) : start;
        return new Period(from, end == null ? from : end);
    }

    record TriggerBody(
            @Nullable LocalDate periodStart, @Nullable LocalDate periodEnd) {}

    record Page(List<RunView> items, @Nullable UUID next) {}

    record ReportView(RunView run, @JsonRawValue String reportJson, String reportMarkdown) {}

    record RunView(
            UUID id,
            LocalDate periodStart,
            LocalDate periodEnd,
            int runs,
            String trigger,
            @Nullable UUID triggeredBy,
            Instant firstRunAt,
            Instant lastRunAt,
            long internalCount,
            long providerCount,
            long recordCount,
            long matchedCount,
            String matchedPercent,
            long discrepancyCount) {

        static RunView of(ReconciliationRun run) {
            UserId by = run.triggeredBy();
            return new RunView(
                    run.id(),
                    run.period().start(),
                    run.period().end(),
                    run.runs(),
                    run.trigger().key(),
                    by == null ? null : by.value(),
                    run.firstRunAt(),
                    run.lastRunAt(),
                    run.internalCount(),
                    run.providerCount(),
                    run.recordCount(),
                    run.matchedCount(),
                    run.matchedPercent(),
                    run.foundCount());
        }
    }
}
