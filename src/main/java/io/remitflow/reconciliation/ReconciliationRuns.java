package io.remitflow.reconciliation;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.discrepancies.FoundDiscrepancy;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Runs of the billing reconciliation: one per organization and period, in one transaction.
 *
 * <p>Running a period again gives the same result as long as the records are the same, and keeps what people did about its
 * discrepancies. Discrepancies whose records agree by now close themselves, whatever period they came from. Nothing of the
 * books is changed.
 */
@Service
@Transactional
public class ReconciliationRuns {

    private static final int MAX_PAGE = 200;

    private final RunRows rows;
    private final Comparison comparison;
    private final Discrepancies discrepancies;
    private final Organizations organizations;
    private final ObjectMapper json;
    private final AuditLog audit;
    private final Clock clock;

    ReconciliationRuns(
            RunRows rows,
            Comparison comparison,
            Discrepancies discrepancies,
            Organizations organizations,
            ObjectMapper json,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.comparison = comparison;
        this.discrepancies = discrepancies;
        this.organizations = organizations;
        this.json = json;
        this.audit = audit;
        this.clock = clock;
    }

    /** Both reports as text. */
    public record Report(String json, String markdown) {}

    /** Whoever runs at the same time as somebody else waits for the other one to end. */
    public ReconciliationRun run(Period period, Trigger trigger) {
        if (period.start().isAfter(organizations.today())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the period has not begun yet");
        }
        rows.takeTurns();
        Organization organization = organizations.current();
        UUID run = rows.begin(Ids.next(), period, trigger, CurrentUser.find().orElse(null), clock.instant());
        List<Discrepancies.Standing> standing = discrepancies.unresolved(GatewayTransactions.SUBJECT);
        Comparison.Found found = comparison.write(
                run,
                organization,
                period,
                standing.stream().map(Discrepancies.Standing::subjectKey).collect(Collectors.toSet()));
        discrepancies.agree(
                standing.stream()
                        .filter(one -> !found.differing()
                                .getOrDefault(one.subjectKey(), Set.of())
                                .contains(one.type()))
                        .map(Discrepancies.Standing::id)
                        .toList(),
                "The run of %s found that the records agree".formatted(period));
        report(run);
        RunSummary summary = found.summary();
        rows.finish(
                run,
                summary,
                RunReport.json(json, period, summary).toString(),
                RunReport.markdown(organization.name(), period, summary));
        audit.record(
                "reconciliation-run",
                "reconciliation-run",
                run.toString(),
                Map.of("period", period.toString(), "trigger", trigger.key(), "found", summary.foundCount()));
        return rows.get(run);
    }

    private void report(UUID run) {
        String provider = "";
        String transaction = "";
        List<FoundDiscrepancy> found = comparison.differing(run, provider, transaction);
        while (!found.isEmpty()) {
            discrepancies.report(run, GatewayTransactions.SUBJECT, found);
            String[] last = found.getLast().subjectKey().split(":", 2);
            provider = last[0];
            transaction = last[1];
            found = comparison.differing(run, provider, transaction);
        }
    }

    /** Newest period first; {@code after} is the id of the last one already seen. */
    @Transactional(readOnly = true)
    public List<ReconciliationRun> list(@Nullable UUID after, int limit) {
        return rows.list(after, Math.clamp(limit, 1, MAX_PAGE));
    }

    @Transactional(readOnly = true)
    public ReconciliationRun get(UUID id) {
        return rows.get(id);
    }

    @Transactional(readOnly = true)
    public Report report(ReconciliationRun run) {
        return rows.report(run.id());
    }

    @Transactional(readOnly = true)
    public RunFigures figures(ReconciliationRun run) {
        RunSummary summary = RunReport.summary(json, rows.report(run.id()).json());
        return new RunFigures(
                Arrays.stream(DiscrepancyType.values())
                        .map(type ->
                                new RunFigures.OfType(type, summary.byType().getOrDefault(type, 0L)))
                        .toList(),
                summary.mismatches().entrySet().stream()
                        .map(entry -> Amounts.ofMinor(entry.getValue(), entry.getKey()))
                        .toList(),
                summary.totals().stream()
                        .map(total -> new RunFigures.Totals(
                                Amounts.ofMinor(total.internalSucceeded(), total.currency()),
                                Amounts.ofMinor(total.internalRefunded(), total.currency()),
                                Amounts.ofMinor(total.providerSucceeded(), total.currency()),
                                Amounts.ofMinor(total.providerRefunded(), total.currency())))
                        .toList());
    }

    /** Whether the period was reconciled at that time or later. */
    @Transactional(readOnly = true)
    public boolean ranSince(Period period, Instant since) {
        return rows.ranSince(period, since);
    }

    /**
     * Days before {@code until} on which something differs that has changed since {@code until}, none from before the first day
     * ever reconciled; oldest first.
     */
    @Transactional(readOnly = true)
    public List<LocalDate> daysThatDifferByNow(LocalDate until) {
        return rows.firstDay()
                .filter(first -> first.isBefore(until))
                .map(first -> comparison.daysThatDifferByNow(organizations.current(), first, until))
                .orElse(List.of());
    }

    /** The first day of the earliest period that was ever reconciled. */
    @Transactional(readOnly = true)
    public Optional<LocalDate> firstDay() {
        return rows.firstDay();
    }
}
