package io.remitflow.claims.gateway;

import io.remitflow.identity.OrganizationId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Spreads requests so that an account stays below its limit: a short burst at once, then evenly. Each application instance
 * counts its own; what is too much all the same, Claim.MD answers with 429, which is obeyed.
 */
final class RequestPace {

    private static final int BURST = 15;

    private final long spacingNanos;
    private final Map<OrganizationId, Long> next = new ConcurrentHashMap<>();

    RequestPace(int requestsPerMinute) {
        this.spacingNanos = TimeUnit.MINUTES.toNanos(1) / requestsPerMinute;
    }

    /** Waits until the organization may send its next request. */
    void await(OrganizationId organization) throws InterruptedException {
        long wait = reserve(organization, System.nanoTime());
        if (wait > 0) {
            TimeUnit.NANOSECONDS.sleep(wait);
        }
    }

    /** How long to wait, in nanoseconds; zero or less for not at all. */
    long reserve(OrganizationId organization, long nowNanos) {
        long reserved = next.merge(
                organization, nowNanos + spacingNanos, (known, fresh) -> Math.max(known, nowNanos) + spacingNanos);
        return reserved - nowNanos - BURST * spacingNanos;
    }
}
