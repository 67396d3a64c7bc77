package io.remitflow.rules;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.camunda.dmn.Audit;
import org.camunda.dmn.DmnEngine;
import org.camunda.dmn.parser.ParsedDmn;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;
import scala.util.Left;
import scala.util.Right;

/** A table that can be asked without the engine: by the evaluator that the engine itself uses. */
final class TableEvaluation {

    private final DmnEngine engine = new DmnEngine.Builder().build();
    private final DecisionTable table;
    private final ParsedDmn parsed;

    /**
     * @param rule the number of the rule that answered, null if none did
     * @param outputs by name, empty if no rule answered
     * @param failure why there is no answer, null if there is one
     */
    record Answer(
            @Nullable Integer rule,
            Map<String, @Nullable Object> outputs,
            @Nullable String failure) {}

    /** @throws IllegalArgumentException if an expression of the table is no FEEL; {@link TableCheck} says which */
    TableEvaluation(DecisionTable table) {
        this.table = table;
        var result = engine.parse(new ByteArrayInputStream(table.xml().getBytes(StandardCharsets.UTF_8)));
        if (result instanceof Left<DmnEngine.Failure, ParsedDmn> failed) {
            throw new IllegalArgumentException(failed.value().message());
        }
        this.parsed = ((Right<DmnEngine.Failure, ParsedDmn>) result).value();
    }

    Answer ask(Map<String, Object> inputs) {
        var result = engine.eval(parsed, table.decisionId(), inputs);
        if (result instanceof Left<DmnEngine.EvalFailure, DmnEngine.EvalResult> failed) {
            return new Answer(null, Map.of(), failed.value().failure().message());
        }
        DmnEngine.EvalResult answer = ((Right<DmnEngine.EvalFailure, DmnEngine.EvalResult>) result).value();
        if (answer.isNil()) {
            return new Answer(null, Map.of(), "No rule answers");
        }
        return new Answer(rule(answer), outputs(answer.value()), null);
    }

    private @Nullable Integer rule(DmnEngine.EvalResult answer) {
        for (Audit.AuditLogEntry entry :
                CollectionConverters.asJava(answer.auditLog().entries())) {
            if (entry.result() instanceof Audit.DecisionTableEvaluationResult evaluated) {
                List<Audit.EvaluatedRule> matched = CollectionConverters.asJava(evaluated.matchedRules());
                String id = matched.isEmpty() ? "" : matched.getFirst().rule().id();
                return table.rules().stream()
                        .filter(row -> row.id().equals(id))
                        .map(DecisionTable.Row::number)
                        .findFirst()
                        .orElse(null);
            }
        }
        return null;
    }

    private Map<String, @Nullable Object> outputs(Object value) {
        Object java = plain(value);
        if (java instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> named = new java.util.LinkedHashMap<>();
            map.forEach((name, output) -> named.put(String.valueOf(name), output));
            return named;
        }
        return java == null ? Map.of() : Map.of(table.outputs().getFirst().expression(), java);
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case scala.collection.Map<?, ?> map -> {
                Map<Object, @Nullable Object> plain = new java.util.LinkedHashMap<>();
                CollectionConverters.asJava(map).forEach((key, each) -> plain.put(key, plain(each)));
                yield plain;
            }
            case scala.collection.immutable.Seq<?> list ->
                CollectionConverters.asJava(list).stream()
                        .<@Nullable Object>map(each -> plain(each))
                        .toList();
            case scala.math.BigDecimal number -> number.bigDecimal();
            default -> value;
        };
    }
}
