package io.remitflow.checks;

import java.util.ArrayList;
import java.util.List;

/**
 * What a check would pay; the preview and the confirmation compute it with the same rules.
 *
 * @param linesDiffer whether the lines of the stub do not add up to the check
 */
public record CheckProposal(List<Suggestion> suggestions, CheckAllocation allocation, boolean linesDiffer) {

    public CheckProposal {
        suggestions = List.copyOf(suggestions);
    }

    /**
     * The invoices that lines ask for come first. What is left goes to the oldest invoices of a payer's only facility; of
     * several facilities nobody knows which one it is for, so it is held.
     *
     * @param pool the open invoices of all facilities that the payer pays for
     */
    static CheckProposal of(
            long checkMinor,
            boolean singleFacility,
            List<RemittanceLine> lines,
            List<OpenInvoice> pool,
            int windowDays) {
        List<Suggestion> suggestions = CheckTargeting.target(lines, pool, windowDays);
        List<OpenInvoice> order = new ArrayList<>();
        for (Suggestion suggestion : suggestions) {
            if (suggestion.invoice() != null) {
                order.add(suggestion.invoice());
            }
        }
        if (singleFacility) {
            pool.stream().sorted(OpenInvoice.OLDEST_FIRST).forEach(order::add);
        }
        long stated = lines.stream().mapToLong(RemittanceLine::amountMinor).sum();
        return new CheckProposal(
                suggestions, CheckAllocation.allocate(checkMinor, order), !lines.isEmpty() && stated != checkMinor);
    }

    /** Whether a person has to say what a line pays. */
    public boolean hasUnmatchedLines() {
        return suggestions.stream().anyMatch(suggestion -> suggestion.invoice() == null);
    }
}
