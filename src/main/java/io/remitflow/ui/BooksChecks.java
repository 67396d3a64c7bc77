package io.remitflow.ui;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * What the nightly checks of the books found when they last ran: figures that are kept and are not what they are made of.
 * Sound books have none. It is known from the first run after a start.
 */
@Component
public class BooksChecks {

    private static final int SHOWN = 100;

    private final Map<Run, Outcome> outcomes = new ConcurrentHashMap<>();
    private final Clock clock;

    BooksChecks(Clock clock) {
        this.clock = clock;
    }

    /** A figure that is kept, and what it should be; without names of people. */
    public record Difference(String what, String kept, String rebuilt) {}

    /** What one check of one organization found. */
    public record Outcome(String check, Instant at, int count, List<Difference> first, boolean failed) {

        public boolean isSound() {
            return count == 0 && !failed;
        }
    }

    private record Run(OrganizationId organization, String check) {}

    /** Takes the place of what the same check found before in the current organization. */
    public void ran(String check, List<Difference> differences) {
        keep(new Outcome(
                check,
                clock.instant(),
                differences.size(),
                differences.stream().limit(SHOWN).toList(),
                false));
    }

    /** Nothing is known of the books of the current organization: why is in the log. */
    public void failed(String check) {
        keep(new Outcome(check, clock.instant(), 0, List.of(), true));
    }

    private void keep(Outcome outcome) {
        outcomes.put(new Run(CurrentOrganization.id(), outcome.check()), outcome);
    }

    /** Of the current organization. */
    public List<Outcome> unsound() {
        OrganizationId current = CurrentOrganization.id();
        return outcomes.entrySet().stream()
                .filter(each -> each.getKey().organization().equals(current))
                .map(Map.Entry::getValue)
                .filter(outcome -> !outcome.isSound())
                .sorted(Comparator.comparing(Outcome::check))
                .toList();
    }

    /** Of all organizations. */
    public boolean sound() {
        return outcomes.values().stream().allMatch(Outcome::isSound);
    }
}
