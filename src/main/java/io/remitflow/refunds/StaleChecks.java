package io.remitflow.refunds;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Every night: checks that nobody cashed in time are stale. One organization failing does not stop the others. */
@Component
class StaleChecks {

    private static final Logger log = LoggerFactory.getLogger(StaleChecks.class);

    private final Organizations organizations;
    private final RefundChecks checks;

    StaleChecks(Organizations organizations, RefundChecks checks) {
        this.organizations = organizations;
        this.checks = checks;
    }

    @Scheduled(cron = "${remitflow.refunds.stale-checks:0 40 2 * * *}")
    void run() {
        organizations.all().forEach(this::sweep);
    }

    private void sweep(Organization organization) {
        try {
            int stale = CurrentOrganization.call(organization.id(), checks::markStale);
            if (stale > 0) {
                log.info("{} checks of {} are stale", stale, organization.code());
            }
        } catch (RuntimeException e) {
            log.error("stale checks of {} could not be marked", organization.code(), e);
        }
    }
}
