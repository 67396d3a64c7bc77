package io.remitflow.reconciliation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.DiscrepancyType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The JSON and the Markdown report of a run. The same summary gives the same text: nothing of them depends on the clock. */
final class RunReport {

    private RunReport() {}

    static ObjectNode json(ObjectMapper mapper, Period period, RunSummary summary) {
        ObjectNode report = mapper.createObjectNode();
        report.putObject("period")
                .put("start", period.start().toString())
                .put("end", period.end().toString());
        report.put("internalRecords", summary.internalCount());
        report.put("providerRecords", summary.providerCount());
        report.put("records", summary.recordCount());
        report.put("matched", summary.matchedCount());
        report.put("matchedPercent", MatchedPercent.of(summary.matchedCount(), summary.recordCount()));
        ObjectNode counts = report.putObject("discrepancies");
        for (DiscrepancyType type : DiscrepancyType.values()) {
            counts.put(type.key(), summary.byType().getOrDefault(type, 0L));
        }
        ArrayNode mismatches = report.putArray("totalMismatch");
        summary.mismatches()
                .forEach((currency, amount) -> mismatches
                        .addObject()
                        .put("currency", currency)
                        .put("amountMinor", amount)
                        .put("amount", Amounts.format(amount, currency)));
        ArrayNode totals = report.putArray("totals");
        summary.totals()
                .forEach(total -> totals.addObject()
                        .put("currency", total.currency())
                        .put("internalSucceededMinor", total.internalSucceeded())
                        .put("internalRefundedMinor", total.internalRefunded())
                        .put("providerSucceededMinor", total.providerSucceeded())
                        .put("providerRefundedMinor", total.providerRefunded()));
        return report;
    }

    /** What the JSON report was made from. */
    static RunSummary summary(ObjectMapper mapper, String json) {
        JsonNode report;
        try {
            report = mapper.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report of the run cannot be read", e);
        }
        Map<DiscrepancyType, Long> byType = new EnumMap<>(DiscrepancyType.class);
        for (DiscrepancyType type : DiscrepancyType.values()) {
            byType.put(type, report.path("discrepancies").path(type.key()).asLong());
        }
        Map<String, Long> mismatches = new TreeMap<>();
        report.path("totalMismatch")
                .forEach(each -> mismatches.put(
                        each.path("currency").asText(), each.path("amountMinor").asLong()));
        List<RunSummary.Totals> totals = new ArrayList<>();
        report.path("totals")
                .forEach(each -> totals.add(new RunSummary.Totals(
                        each.path("currency").asText(),
                        each.path("internalSucceededMinor").asLong(),
                        each.path("internalRefundedMinor").asLong(),
                        each.path("providerSucceededMinor").asLong(),
                        each.path("providerRefundedMinor").asLong())));
        return new RunSummary(
                report.path("internalRecords").asLong(),
                report.path("providerRecords").asLong(),
                report.path("records").asLong(),
                report.path("matched").asLong(),
                byType,
                mismatches,
                totals);
    }

    static String markdown(String organization, Period period, RunSummary summary) {
        var text = new StringBuilder("# Billing reconciliation of %s, %s\n\n".formatted(cell(organization), period));
        text.append("| Records | Count |\n|---|---:|\n");
        row(text, "Internal", summary.internalCount());
        row(text, "Provider", summary.providerCount());
        row(text, "Together", summary.recordCount());
        row(text, "Matched", summary.matchedCount());
        text.append(
                "\nMatched: **%s %%**\n\n".formatted(MatchedPercent.of(summary.matchedCount(), summary.recordCount())));
        text.append("## Discrepancies\n\n| Type | Count |\n|---|---:|\n");
        for (DiscrepancyType type : DiscrepancyType.values()) {
            row(text, type.key(), summary.byType().getOrDefault(type, 0L));
        }
        text.append("\n## Total mismatch\n\n");
        if (summary.mismatches().isEmpty()) {
            text.append("None.\n");
        }
        summary.mismatches()
                .forEach((currency, amount) ->
                        text.append("- %s %s\n".formatted(Amounts.format(amount, currency), currency)));
        text.append("\n## Totals of the period\n\n")
                .append(
                        "| Currency | Internal succeeded | Internal refunded | Provider succeeded | Provider refunded |\n")
                .append("|---|---:|---:|---:|---:|\n");
        summary.totals()
                .forEach(total -> text.append("| %s | %s | %s | %s | %s |\n"
                        .formatted(
                                total.currency(),
                                Amounts.format(total.internalSucceeded(), total.currency()),
                                Amounts.format(total.internalRefunded(), total.currency()),
                                Amounts.format(total.providerSucceeded(), total.currency()),
                                Amounts.format(total.providerRefunded(), total.currency()))));
        return text.toString();
    }

    private static void row(StringBuilder text, String name, long count) {
        text.append("| %s | %d |\n".formatted(name, count));
    }

    /** A name must not end the heading or the cell that it stands in. */
    private static String cell(String text) {
        return text.replaceAll("[\\s|]+", " ").strip();
    }
}
