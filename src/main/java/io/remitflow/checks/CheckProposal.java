package io.remitflow.checks;

import io.remitflow.checks.CheckAllocation.Ask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
     * The invoices that lines ask for come first, each with what its lines say: a line that a person gave to an invoice of
     * another amount pays no more of it than the line is worth. What is left goes to the oldest invoices of a payer's only
     * facility; of several facilities nobody knows which one it is for, so it is held.
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
        Map<OpenInvoice, Long> asked = new LinkedHashMap<>();
        for (Suggestion suggestion : suggestions) {
            if (suggestion.invoice() != null) {
                asked.merge(suggestion.invoice(), suggestion.line().amountMinor(), Long::sum);
            }
        }
        List<Ask> order = new ArrayList<>();
        asked.forEach((invoice, minor) -> order.add(new Ask(invoice, minor)));
        if (singleFacility) {
            pool.stream()
                    .sorted(OpenInvoice.OLDEST_FIRST)
                    .forEach(invoice -> order.add(new Ask(invoice, invoice.openMinor())));
        }
        long stated = lines.stream().mapToLong(RemittanceLine::amountMinor).sum();
        return new CheckProposal(
                suggestions,
                CheckAllocation.allocateAsked(checkMinor, order),
                !lines.isEmpty() && stated != checkMinor);
    }

    /** Whether a person has to say what a line pays. */
    public boolean hasUnmatchedLines() {
        return suggestions.stream().anyMatch(suggestion -> suggestion.invoice() == null);
    }
}
