package io.remitflow.remittance;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Posts held claims once what they waited for is there. One organization's trouble stops no other. */
@Component
class HeldClaimsAgain {

    private static final Logger log = LoggerFactory.getLogger(HeldClaimsAgain.class);

    private final Organizations organizations;
    private final HeldClaims held;

    HeldClaimsAgain(Organizations organizations, HeldClaims held) {
        this.organizations = organizations;
        this.held = held;
    }

    @Scheduled(fixedDelayString = "${remitflow.remittance.held-every:30s}", initialDelayString = "15s")
    void look() {
        for (Organization organization : organizations.having(HeldClaimRows.WORK)) {
            try {
                CurrentOrganization.run(organization.id(), held::lookAgain);
            } catch (RuntimeException e) {
                log.warn("Held claims of {} could not be looked at", organization.code(), e);
            }
        }
    }
}
