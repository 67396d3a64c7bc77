package io.remitflow.reconciliation;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of an organization and a period.
 *
 * @param runs how often it ran; what it found before is replaced each time
 * @param recordCount internal and provider records together, a pair counted once
 * @param foundCount discrepancies of the period, in whatever status
 */
public record ReconciliationRun(
        UUID id,
        Period period,
        int runs,
        Trigger trigger,
        @Nullable UserId triggeredBy,
        Instant firstRunAt,
        Instant lastRunAt,
        long internalCount,
        long providerCount,
        long recordCount,
        long matchedCount,
        long foundCount) {

    /** Of a hundred; where there is nothing to compare, everything agrees: 100.00. Never rounded up to 100 by itself. */
    public String matchedPercent() {
        return MatchedPercent.of(matchedCount, recordCount);
    }
}
