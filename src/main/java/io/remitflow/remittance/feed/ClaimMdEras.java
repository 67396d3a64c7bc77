package io.remitflow.remittance.feed;

import io.remitflow.claims.ClaimMdNudged;
import io.remitflow.identity.OrganizationId;
import io.remitflow.remittance.ClaimMdRemittances;
import org.apache.camel.ProducerTemplate;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** What the routes of {@code claimmd-eras} call: at every tick, and when Claim.MD nudged an organization. */
@Component("claimMdEras")
public class ClaimMdEras {

    private final ClaimMdRemittances remittances;
    private final ProducerTemplate camel;

    ClaimMdEras(ClaimMdRemittances remittances, ProducerTemplate camel) {
        this.remittances = remittances;
        this.camel = camel;
    }

    public void pollAll() {
        remittances.pollAll();
    }

    public void poll(OrganizationId organization) {
        remittances.poll(organization);
    }

    @EventListener
    void nudged(ClaimMdNudged nudge) {
        camel.sendBody("seda:claimmd-eras-nudged?size=100&discardWhenFull=true", nudge.organization());
    }
}
