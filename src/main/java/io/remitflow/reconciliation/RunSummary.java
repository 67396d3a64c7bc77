package io.remitflow.reconciliation;

import io.remitflow.discrepancies.DiscrepancyType;
import java.util.List;
import java.util.Map;

/**
 * What a run found, in numbers; the reports are made from it.
 *
 * @param mismatches per currency, each record with the amount of its first type only, so that no money is counted twice
 */
record RunSummary(
        long internalCount,
        long providerCount,
        long recordCount,
        long matchedCount,
        Map<DiscrepancyType, Long> byType,
        Map<String, Long> mismatches,
        List<Totals> totals) {

    /** Of one currency: what was taken and what went back, as we and as the providers have it. */
    record Totals(
            String currency,
            long internalSucceeded,
            long internalRefunded,
            long providerSucceeded,
            long providerRefunded) {}

    long foundCount() {
        return byType.values().stream().mapToLong(Long::longValue).sum();
    }
}
