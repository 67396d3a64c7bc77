package io.remitflow.ui;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/health/books} for the alarm of whoever watches the application: down from the nightly check that finds books
 * that do not add up, until one that does not. What differs is in the log and on the organization's operations page.
 */
@Component("booksHealthIndicator")
class BooksHealth implements HealthIndicator {

    private final BooksChecks checks;

    BooksHealth(BooksChecks checks) {
        this.checks = checks;
    }

    @Override
    public Health health() {
        return checks.sound() ? Health.up().build() : Health.down().build();
    }
}
