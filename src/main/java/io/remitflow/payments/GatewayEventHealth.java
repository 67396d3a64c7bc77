package io.remitflow.payments;

import io.remitflow.identity.Organizations;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/health/gateway-events} for the alarm of whoever watches the application: down while an event of a gateway
 * waits for a person. Which one is on its organization's operations page.
 */
@Component("gatewayEventsHealthIndicator")
class GatewayEventHealth implements HealthIndicator {

    private final Organizations organizations;

    GatewayEventHealth(Organizations organizations) {
        this.organizations = organizations;
    }

    @Override
    public Health health() {
        return organizations.having(GatewayEvents.PARKED).isEmpty()
                ? Health.up().build()
                : Health.down().build();
    }
}
