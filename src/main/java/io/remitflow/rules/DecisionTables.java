package io.remitflow.rules;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationCreated;
import io.remitflow.identity.Organizations;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.PackagedDecisions;
import io.remitflow.workflow.ReleasedDecision;
import io.remitflow.workflow.ReleasedDecisions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The decision tables of an organization and their releases.
 *
 * <p>The files in {@code dmn/} are the first release of each. As long as an organization released nothing of its own, a new
 * file is its next release; after that the organization's own table holds until it decides otherwise.
 */
@Service
public class DecisionTables implements ReleasedDecisions {

    private static final Logger log = LoggerFactory.getLogger(DecisionTables.class);

    private final ReleaseRows rows;
    private final PackagedDecisions packaged;
    private final Decisions decisions;
    private final Organizations organizations;
    private final TransactionTemplate transactions;
    private final Clock clock;

    DecisionTables(
            ReleaseRows rows,
            PackagedDecisions packaged,
            Decisions decisions,
            Organizations organizations,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.packaged = packaged;
        this.decisions = decisions;
        this.organizations = organizations;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** The tables in force, by decision id. */
    public List<Release> inForce() {
        return inTransaction(() -> rows.decisions().stream()
                .flatMap(decision -> rows.inForce(decision, clock.instant()).stream())
                .toList());
    }

    /** @throws RuleViolation not found */
    public Release required(String decisionId) {
        return inTransaction(() -> rows.inForce(decisionId, clock.instant()))
                .orElseThrow(() -> RuleViolation.notFound("decision " + decisionId));
    }

    /** @throws RuleViolation not found */
    public Release required(String decisionId, int number) {
        return inTransaction(() -> rows.find(decisionId, number))
                .orElseThrow(() -> RuleViolation.notFound("release %d of %s".formatted(number, decisionId)));
    }

    /** Newest first, those that come into force later included. */
    public List<Release> history(String decisionId) {
        return inTransaction(() -> rows.of(decisionId));
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<ReleasedDecision> inForce(String decisionId) {
        return rows.inForce(decisionId, clock.instant())
                .map(release -> new ReleasedDecision(
                        release.number(),
                        release.engineId(),
                        release.source() == Release.Source.PACKAGED ? null : engineXml(release)));
    }

    /** @param effectiveFrom null for at once; in the past is at once */
    @Transactional(propagation = Propagation.MANDATORY)
    int release(
            String decisionId,
            Release.Source source,
            @Nullable Integer copiedFrom,
            String xml,
            String why,
            @Nullable UUID requestedBy,
            @Nullable Instant effectiveFrom) {
        int number = rows.nextNumber(decisionId);
        Instant now = clock.instant();
        String engineId = source == Release.Source.PACKAGED
                ? decisionId
                : "%s.%s.%d".formatted(decisionId, CurrentOrganization.id().value(), number);
        rows.insert(new Release(
                decisionId,
                number,
                source,
                copiedFrom,
                xml,
                engineId,
                why,
                requestedBy,
                effectiveFrom == null || effectiveFrom.isBefore(now) ? now : effectiveFrom,
                now));
        return number;
    }

    @EventListener
    void takePackaged(OrganizationCreated created) {
        takePackaged();
    }

    @EventListener
    void takePackaged(ApplicationReadyEvent ready) {
        for (Organization organization : organizations.all()) {
            try {
                CurrentOrganization.run(organization.id(), () -> {
                    transactions.executeWithoutResult(status -> takePackaged());
                    deployOwn();
                });
            } catch (EngineUnavailable e) {
                log.info("Released tables are given to the engine when they are first asked: it does not answer now");
            }
        }
    }

    /** What this organization released is deployed again: the engine may be another one than before. */
    private void deployOwn() {
        inForce().stream()
                .filter(release -> release.source() != Release.Source.PACKAGED)
                .forEach(this::giveToEngine);
    }

    /** Repeating it changes nothing. */
    public void giveToEngine(Release release) {
        decisions.deploy(release.engineId(), engineXml(release));
    }

    private void takePackaged() {
        packaged.all().forEach((decisionId, xml) -> {
            List<Release> history = rows.of(decisionId);
            boolean own = history.stream().anyMatch(release -> release.source() != Release.Source.PACKAGED);
            boolean known = !history.isEmpty() && history.getFirst().xml().equals(xml);
            if (!own && !known) {
                release(
                        decisionId,
                        Release.Source.PACKAGED,
                        null,
                        xml,
                        history.isEmpty() ? "The table that comes with Remitflow" : "The table of a newer Remitflow",
                        null,
                        null);
            }
        });
    }

    /** The engine knows each release under an id of its own, so that one organization's table is never another's. */
    static String engineXml(Release release) {
        var model = org.camunda.bpm.model.dmn.Dmn.readModelFromStream(
                new java.io.ByteArrayInputStream(release.xml().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        model.getModelElementsByType(org.camunda.bpm.model.dmn.instance.Decision.class)
                .forEach(decision -> decision.setId(release.engineId()));
        model.getDefinitions().setId("released." + release.engineId());
        return org.camunda.bpm.model.dmn.Dmn.convertToString(model);
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }
}
