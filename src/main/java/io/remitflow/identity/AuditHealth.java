package io.remitflow.identity;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/health/audit-log} for the alarm of whoever watches the application: down from the verification that finds an
 * audit log that is not what was written, until one that does not. Which organization and where is in the log.
 */
@Component("auditHealthIndicator")
class AuditHealth implements HealthIndicator {

    private final AuditVerification verification;

    AuditHealth(AuditVerification verification) {
        this.verification = verification;
    }

    @Override
    public Health health() {
        Boolean intact = verification.intact();
        if (intact == null) {
            return Health.unknown().build();
        }
        return intact ? Health.up().build() : Health.down().build();
    }
}
