package io.remitflow.ui;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What the nightly checks of the books found when they last ran: figures that are kept and are not what they are made of.
 * Sound books have none. It is known from the first run after a start.
 */
@Component
public class BooksChecks {

    private static final Logger log = LoggerFactory.getLogger(BooksChecks.class);
    private static final int SHOWN = 100;

    private final Map<Run, Outcome> outcomes = new ConcurrentHashMap<>();
    private final Organizations organizations;
    private final TransactionTemplate transactions;
    private final Clock clock;

    BooksChecks(Organizations organizations, TransactionTemplate transactions, Clock clock) {
        this.organizations = organizations;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** A figure that is kept, and what it should be; without names of people. */
    public record Difference(String what, String kept, String rebuilt) {

        /** Of amounts in minor units. */
        public static Difference of(String what, long keptMinor, long rebuiltMinor, String currency) {
            return new Difference(what, Amounts.format(keptMinor, currency), Amounts.format(rebuiltMinor, currency));
        }
    }

    /** What one check of one organization found. */
    public record Outcome(String check, Instant at, int count, List<Difference> first, boolean failed) {

        public boolean isSound() {
            return count == 0 && !failed;
        }
    }

    private record Run(OrganizationId organization, String check) {}

    /**
     * Checks one organization after another; one that fails does not stop the others. What is found takes the place of what
     * the same check found before.
     *
     * @param differences of the current organization, in a transaction of its own
     */
    public void run(String check, Supplier<List<Difference>> differences) {
        for (Organization organization : organizations.all()) {
            CurrentOrganization.run(organization.id(), () -> {
                try {
                    List<Difference> found =
                            Objects.requireNonNull(transactions.execute(transaction -> differences.get()));
                    keep(new Outcome(
                            check,
                            clock.instant(),
                            found.size(),
                            found.stream().limit(SHOWN).toList(),
                            false));
                    if (!found.isEmpty()) {
                        // Which ones is on the operations page: some are accounts of patients.
                        log.error(
                                "{} of {}: {} figures are not what they are made of",
                                check,
                                organization.code(),
                                found.size());
                    }
                } catch (RuntimeException e) {
                    log.error("{} of {} could not be checked", check, organization.code(), e);
                    keep(new Outcome(check, clock.instant(), 0, List.of(), true));
                }
            });
        }
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
