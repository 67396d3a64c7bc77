package io.remitflow.claims.feed;

import io.remitflow.claims.ClaimExchange;
import io.remitflow.claims.ClaimMdNudged;
import io.remitflow.identity.OrganizationId;
import org.apache.camel.ProducerTemplate;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** What the routes of {@code claimmd-claims} call: at every tick, and when Claim.MD nudged an organization. */
@Component("claimMdClaims")
public class ClaimMdClaims {

    private final ClaimExchange exchange;
    private final ProducerTemplate camel;

    ClaimMdClaims(ClaimExchange exchange, ProducerTemplate camel) {
        this.exchange = exchange;
        this.camel = camel;
    }

    public void sendAll() {
        exchange.sendAll();
    }

    public void readAll() {
        exchange.readAll();
    }

    public void read(OrganizationId organization) {
        exchange.read(organization);
    }

    @EventListener
    void nudged(ClaimMdNudged nudge) {
        camel.sendBody("seda:claimmd-claims-nudged?size=100&discardWhenFull=true", nudge.organization());
    }
}
