package io.remitflow.payments;

import io.micrometer.core.instrument.MeterRegistry;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** Works through stored gateway events: at once after they are stored, and again every few seconds for what was missed or failed. */
@Component
class GatewayEventProcessing implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(GatewayEventProcessing.class);
    private static final int BATCH = 200;

    private final GatewayEvents events;
    private final Organizations organizations;
    private final MeterRegistry meters;

    /** A full queue drops the nudge: the sweep finds the event. */
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            2,
            2,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1_000),
            Thread.ofPlatform().name("gateway-events-", 1).factory(),
            new ThreadPoolExecutor.DiscardPolicy());

    GatewayEventProcessing(GatewayEvents events, Organizations organizations, MeterRegistry meters) {
        this.events = events;
        this.organizations = organizations;
        this.meters = meters;
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void processSoon(GatewayEvents.EventStored stored) {
        executor.execute(() -> process(stored.organization(), stored.id()));
    }

    @Scheduled(initialDelayString = "10s", fixedDelayString = "${remitflow.payments.event-sweep:15s}")
    void processMissed() {
        for (Organization organization : organizations.having(GatewayEvents.WAITING)) {
            try {
                CurrentOrganization.call(organization.id(), () -> events.waiting(BATCH))
                        .forEach(id -> process(organization.id(), id));
            } catch (RuntimeException e) {
                log.warn("Gateway events of organization {} were not read", organization.code(), e);
            }
        }
    }

    private void process(OrganizationId organization, UUID id) {
        try {
            CurrentOrganization.run(organization, () -> events.process(id));
        } catch (RuntimeException e) {
            log.warn("Gateway event {} could not be processed", id, e);
            failed(organization, id, e);
        }
    }

    private void failed(OrganizationId organization, UUID id, RuntimeException failure) {
        String code = failure instanceof RuleViolation refused
                ? refused.code()
                : failure.getClass().getSimpleName();
        try {
            if (CurrentOrganization.call(organization, () -> events.failed(id, code))) {
                log.error(
                        "Gateway event {} failed {} times ({}); it waits for a person",
                        id,
                        GatewayEvents.ATTEMPTS,
                        code);
                meters.counter("remitflow.gateway-events", "result", "parked").increment();
            } else {
                meters.counter("remitflow.gateway-events", "result", "failed").increment();
            }
        } catch (RuntimeException e) {
            log.warn(
                    "The failure of gateway event {} could not be noted; it is tried again with the next sweep", id, e);
        }
    }

    @Override
    public void destroy() {
        executor.shutdown();
    }
}
