package io.remitflow.rules;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.camunda.bpm.model.dmn.instance.Decision;
import org.camunda.bpm.model.dmn.instance.DmnElement;
import org.camunda.bpm.model.dmn.instance.Input;
import org.camunda.bpm.model.dmn.instance.InputEntry;
import org.camunda.bpm.model.dmn.instance.Output;
import org.camunda.bpm.model.dmn.instance.OutputEntry;
import org.camunda.bpm.model.dmn.instance.Rule;
import org.camunda.bpm.model.dmn.instance.Text;
import org.jspecify.annotations.Nullable;

/**
 * The one decision table of a DMN file. Rules are numbered from 1, as the table shows them.
 *
 * @param xml the file it was read from, which stays the truth
 */
public record DecisionTable(
        String decisionId,
        String name,
        String hitPolicy,
        List<Column> inputs,
        List<Column> outputs,
        List<Row> rules,
        String xml) {

    /** More is no table that a person can answer for. */
    private static final int LONGEST_XML = 1_000_000;

    /**
     * @param label what people call it
     * @param expression of an input: the FEEL expression, of an output: its name
     * @param type as DMN names it, such as {@code number}
     */
    public record Column(String id, String label, String expression, String type) {}

    /**
     * @param conditions in the order of the inputs; {@code -} is any
     * @param results in the order of the outputs
     */
    public record Row(String id, int number, List<String> conditions, List<String> results, String note) {}

    /** @throws RuleViolation {@link Refusal#INVALID_INPUT} if it is not a DMN file with exactly one decision table */
    public static DecisionTable read(String xml) {
        if (xml.length() > LONGEST_XML) {
            throw invalid("The file is longer than a decision table can be");
        }
        Collection<Decision> decisions = model(xml).getModelElementsByType(Decision.class);
        if (decisions.size() != 1) {
            throw invalid("The file must hold exactly one decision, it holds " + decisions.size());
        }
        Decision decision = decisions.iterator().next();
        if (!(decision.getExpression() instanceof org.camunda.bpm.model.dmn.instance.DecisionTable table)) {
            throw invalid("The decision must be a decision table");
        }
        List<Column> inputs =
                table.getInputs().stream().map(DecisionTable::column).toList();
        List<Column> outputs =
                table.getOutputs().stream().map(DecisionTable::column).toList();
        List<Rule> rows = List.copyOf(table.getRules());
        return new DecisionTable(
                decision.getId(),
                Objects.requireNonNullElse(decision.getName(), decision.getId()),
                table.getHitPolicy().name(),
                inputs,
                outputs,
                IntStream.range(0, rows.size())
                        .mapToObj(index -> row(rows.get(index), index + 1, inputs.size(), outputs.size()))
                        .toList(),
                xml);
    }

    private static DmnModelInstance model(String xml) {
        try {
            return Dmn.readModelFromStream(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw invalid("It is not a DMN file: " + cause.getMessage());
        }
    }

    private static Column column(Input input) {
        var expression = input.getInputExpression();
        String text = expression == null ? "" : text(expression.getText());
        String type = expression == null ? null : expression.getTypeRef();
        return new Column(input.getId(), label(input.getLabel(), text), text, Objects.requireNonNullElse(type, "Any"));
    }

    private static Column column(Output output) {
        String name = Objects.requireNonNullElse(output.getName(), output.getId());
        return new Column(
                output.getId(),
                label(output.getLabel(), name),
                name,
                Objects.requireNonNullElse(output.getTypeRef(), "Any"));
    }

    private static Row row(Rule rule, int number, int inputs, int outputs) {
        List<String> conditions = rule.getInputEntries().stream()
                .map(InputEntry::getText)
                .map(DecisionTable::text)
                .map(condition -> condition.isEmpty() ? "-" : condition)
                .toList();
        List<String> results = rule.getOutputEntries().stream()
                .map(OutputEntry::getText)
                .map(DecisionTable::text)
                .toList();
        if (conditions.size() != inputs || results.size() != outputs) {
            throw invalid("Rule %d has %d conditions and %d results, the table has %d inputs and %d outputs"
                    .formatted(number, conditions.size(), results.size(), inputs, outputs));
        }
        return new Row(rule.getId(), number, conditions, results, description(rule));
    }

    private static String description(DmnElement element) {
        return element.getDescription() == null
                ? ""
                : text(element.getDescription().getTextContent());
    }

    private static String label(@Nullable String label, String otherwise) {
        return label == null || label.isBlank() ? otherwise : label.strip();
    }

    private static String text(@Nullable Text text) {
        return text == null ? "" : text(text.getTextContent());
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text.strip();
    }

    private static RuleViolation invalid(String message) {
        return new RuleViolation(Refusal.INVALID_INPUT, message);
    }
}
