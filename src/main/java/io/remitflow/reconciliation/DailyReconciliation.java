package io.remitflow.reconciliation;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * Reconciles yesterday of every organization, one after the other; one that fails does not stop the others.
 *
 * <p>Before it the days before are reconciled again, as far back as {@link ReconciliationSettings#againDays()} says: what
 * arrives after the night of its day, such as an event that a gateway could not deliver for two days, is found in the next
 * night, under the day it belongs to. Days on which nothing ran are made up for in the same way. Of older days those are
 * reconciled again on which something differs that has changed since, such as a charge that was refunded weeks later.
 */
@Service
public class DailyReconciliation {

    private static final Logger log = LoggerFactory.getLogger(DailyReconciliation.class);

    private final ReconciliationRuns runs;
    private final Organizations organizations;
    private final ReconciliationSettings settings;
    private final Clock clock;

    DailyReconciliation(
            ReconciliationRuns runs, Organizations organizations, ReconciliationSettings settings, Clock clock) {
        this.runs = runs;
        this.organizations = organizations;
        this.settings = settings;
        this.clock = clock;
    }

    /** How many organizations were reconciled, and how many could not be. */
    public record Outcome(int reconciled, int failed) {}

    /** Now, whether it was done before or not. */
    public Outcome runAll(Trigger trigger) {
        return each(trigger, organization -> true);
    }

    /**
     * Those of whose days one was not reconciled since their night was far enough for late news to have arrived: that a person
     * reconciled one of them since makes up for none of the others. Called every hour, it makes up for hours in which nothing
     * ran.
     */
    public Outcome runDue() {
        return each(Trigger.SCHEDULE, this::isDue);
    }

    private boolean isDue(Organization organization) {
        ZonedDateTime now = clock.instant().atZone(organization.timeZone());
        ZonedDateTime due = now.toLocalDate().atTime(settings.dailyAfter()).atZone(organization.timeZone());
        return !now.isBefore(due)
                && daysFrom(firstAgain(organization), organization)
                        .anyMatch(day -> !runs.ranSince(Period.of(day), due.toInstant()));
    }

    private Outcome each(Trigger trigger, Predicate<Organization> wanted) {
        int done = 0;
        int failed = 0;
        for (Organization organization : organizations.all()) {
            try {
                done += CurrentOrganization.call(organization.id(), () -> {
                    if (!wanted.test(organization)) {
                        return 0;
                    }
                    eachDay(organization, trigger);
                    return 1;
                });
            } catch (RuntimeException e) {
                failed++;
                log.error("The billing reconciliation of {} failed", organization.code(), e);
            }
        }
        return new Outcome(done, failed);
    }

    /** A day that fails keeps none behind it from being reconciled. */
    private void eachDay(Organization organization, Trigger trigger) {
        RuntimeException first = null;
        for (LocalDate day : days(organization)) {
            try {
                runs.run(Period.of(day), trigger);
            } catch (RuntimeException e) {
                log.error("{} of {} could not be reconciled", day, organization.code(), e);
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private List<LocalDate> days(Organization organization) {
        LocalDate first = firstAgain(organization);
        return Stream.concat(runs.daysThatDifferByNow(first).stream(), daysFrom(first, organization))
                .toList();
    }

    /** None from before the first day ever reconciled. */
    private LocalDate firstAgain(Organization organization) {
        LocalDate yesterday = yesterday(organization);
        return runs.firstDay()
                .filter(day -> day.isBefore(yesterday))
                .map(day -> latest(day, yesterday.minusDays(settings.againDays())))
                .orElse(yesterday);
    }

    private Stream<LocalDate> daysFrom(LocalDate first, Organization organization) {
        return first.datesUntil(yesterday(organization).plusDays(1));
    }

    private static LocalDate latest(LocalDate one, LocalDate other) {
        return one.isAfter(other) ? one : other;
    }

    private LocalDate yesterday(Organization organization) {
        return clock.instant().atZone(organization.timeZone()).toLocalDate().minusDays(1);
    }
}
