package io.remitflow.identity;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** Seals the audit log just after commit; what a crash left unsealed is found by looking at everyone now and then. */
@Component
class AuditSealer {

    private static final Logger log = LoggerFactory.getLogger(AuditSealer.class);

    private final AuditChain chain;
    private final Organizations organizations;
    private final Set<OrganizationId> waiting = ConcurrentHashMap.newKeySet();

    AuditSealer(AuditChain chain, Organizations organizations) {
        this.chain = chain;
        this.organizations = organizations;
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void recorded(AuditLog.Recorded recorded) {
        waiting.add(recorded.organization());
    }

    @Scheduled(fixedDelayString = "${remitflow.audit.seal-every:PT1S}")
    void sealWaiting() {
        for (var organization : Set.copyOf(waiting)) {
            waiting.remove(organization);
            seal(organization);
        }
    }

    @Scheduled(fixedDelayString = "${remitflow.audit.sweep-every:PT5M}", initialDelayString = "PT10S")
    void sweep() {
        organizations.all().forEach(organization -> seal(organization.id()));
    }

    private void seal(OrganizationId organization) {
        try {
            chain.seal(organization);
        } catch (RuntimeException e) {
            log.warn(
                    "the audit log of organization {} could not be sealed; the next sweep tries again",
                    organization,
                    e);
        }
    }
}
