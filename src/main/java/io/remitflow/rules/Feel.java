package io.remitflow.rules;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.camunda.feel.api.EvaluationResult;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.FeelEngineBuilder;
import org.camunda.feel.api.ParseResult;
import org.camunda.feel.syntaxtree.ParsedExpression;
import org.jspecify.annotations.Nullable;

/** FEEL as the engine evaluates it; parsed conditions are kept for the lifetime of one check. */
final class Feel {

    private final FeelEngineApi engine = FeelEngineBuilder.forJava().build();
    private final Map<String, ParsedExpression> conditions = new HashMap<>();

    /** @param error in the words of the engine, null if there is a value */
    record Value(@Nullable Object value, @Nullable String error) {}

    Optional<String> expressionError(String expression) {
        return error(engine.parseExpression(expression));
    }

    Optional<String> conditionError(String condition) {
        return error(engine.parseUnaryTests(condition));
    }

    /** A condition that cannot be evaluated for the value does not hold, as in the engine. */
    boolean holds(String condition, @Nullable Object value) {
        ParsedExpression parsed = conditions.computeIfAbsent(
                condition, text -> engine.parseUnaryTests(text).parsedExpression());
        EvaluationResult result = engine.evaluateWithInput(parsed, value, Map.<String, Object>of());
        return result.isSuccess() && Boolean.TRUE.equals(result.result());
    }

    Value value(String expression) {
        ParseResult parsed = engine.parseExpression(expression);
        if (parsed.isFailure()) {
            return new Value(null, parsed.failure().message());
        }
        EvaluationResult result = engine.evaluate(parsed.parsedExpression(), Map.<String, Object>of());
        return result.isSuccess()
                ? new Value(result.result(), null)
                : new Value(null, result.failure().message());
    }

    static String literal(Object value, Object nothing) {
        if (value == nothing) {
            return "not known";
        }
        if (value instanceof BigDecimal number) {
            return number.stripTrailingZeros().toPlainString();
        }
        return value instanceof String text ? '"' + text + '"' : String.valueOf(value);
    }

    private static Optional<String> error(ParseResult result) {
        return result.isFailure() ? Optional.of(result.failure().message()) : Optional.empty();
    }
}
