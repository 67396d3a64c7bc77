package io.remitflow.intake;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/health/inboxes} for the alarm of whoever watches the application: down while an inbox cannot be read. Which
 * one is in the log and on its organization's operations page.
 */
@Component("inboxHealthIndicator")
class InboxHealth implements HealthIndicator {

    private final InboxWatch watch;

    InboxHealth(InboxWatch watch) {
        this.watch = watch;
    }

    @Override
    public Health health() {
        return watch.allThere() ? Health.up().build() : Health.down().build();
    }
}
