package io.remitflow.ui;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order of a list as its page was asked for, {@code ?sort=amount} or {@code ?sort=-amount}.
 *
 * <p>A parameter never reaches SQL: it picks one of the columns the page has named.
 */
public record Sorting(String column, boolean descending, String sql) {

    /**
     * @param columns the names that may be asked for, each with its SQL expression
     * @param fallback such as {@code -date}
     */
    public static Sorting of(@Nullable String parameter, Map<String, String> columns, String fallback) {
        String asked = parameter == null || parameter.isBlank() ? fallback : parameter;
        boolean descending = asked.startsWith("-");
        String column = descending ? asked.substring(1) : asked;
        String expression = columns.get(column);
        if (expression == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "The list cannot be sorted by this column");
        }
        return new Sorting(column, descending, expression + (descending ? " desc" : " asc"));
    }

    /** The parameter for a click on the head of a column. */
    public String toggled(String clicked) {
        return clicked.equals(column) && !descending ? "-" + clicked : clicked;
    }
}
