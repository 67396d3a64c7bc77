package io.remitflow.reconciliation;

import io.remitflow.discrepancies.DiscrepancyType;
import java.util.List;
import org.joda.money.Money;

/** What the page of a run shows: the same as its reports. */
public record RunFigures(List<OfType> types, List<Money> mismatches, List<Totals> totals) {

    /** How many of a type a run found. */
    public record OfType(DiscrepancyType type, long count) {}

    /** What was taken and what went back in the period, as we and as the providers have it. */
    public record Totals(
            Money internalSucceeded, Money internalRefunded, Money providerSucceeded, Money providerRefunded) {}
}
