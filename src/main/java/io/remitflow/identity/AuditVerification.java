package io.remitflow.identity;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;

/** Proves that the audit log is what was written; every night, on the audit page, and with {@code --verify-audit}. */
@Service
public class AuditVerification {

    private static final Logger log = LoggerFactory.getLogger(AuditVerification.class);

    private final AuditChain chain;
    private final Organizations organizations;
    private volatile @Nullable Boolean intact;

    AuditVerification(AuditChain chain, Organizations organizations) {
        this.chain = chain;
        this.organizations = organizations;
    }

    public Optional<AuditFault> ofCurrentOrganization() {
        var organization = CurrentOrganization.id();
        chain.seal(organization);
        return chain.verify(organization);
    }

    /**
     * One line of the log per fault, naming the organization and the first bad number; {@link AuditHealth} tells it too. A log
     * that cannot be read is not proven, and keeps no other from being verified.
     */
    public List<AuditFault> ofAll() {
        var faults = organizations.all().stream()
                .flatMap(organization -> verify(organization).stream()
                        .peek(fault -> log.error(
                                "audit log of {} is not intact from number {}: {}",
                                organization.code(),
                                fault.seq(),
                                fault.what())))
                .toList();
        intact = faults.isEmpty();
        return faults;
    }

    private Optional<AuditFault> verify(Organization organization) {
        try {
            return chain.verify(organization.id());
        } catch (RuntimeException e) {
            log.error("the audit log of {} could not be verified", organization.code(), e);
            return Optional.of(new AuditFault(organization.id(), 0, "it could not be verified"));
        }
    }

    /** What the last look at all organizations found; null before the first one since the start. */
    @Nullable Boolean intact() {
        return intact;
    }

    @Scheduled(cron = "${remitflow.audit.verify-at:0 15 3 * * *}")
    void everyNight() {
        if (ofAll().isEmpty()) {
            log.info("the audit log is intact");
        }
    }
}
