package io.remitflow.rules;

import io.remitflow.rules.DecisionTable.Column;
import io.remitflow.rules.DecisionTable.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Two versions of a table side by side: rules are the same by their id, cells by the column's expression. */
public record TableDifference(List<String> columns, List<Line> lines) {

    /** What became of a rule. */
    public enum Change {
        SAME,
        CHANGED,
        ADDED,
        REMOVED
    }

    /** @param before and {@code after} are null where the rule, or the column, did not exist */
    public record Cell(@Nullable String before, @Nullable String after) {

        public boolean same() {
            return Objects.equals(before, after);
        }
    }

    public record Line(@Nullable Integer before, @Nullable Integer after, Change change, List<Cell> cells) {}

    public boolean isEmpty() {
        return lines.stream().allMatch(line -> line.change() == Change.SAME);
    }

    public static TableDifference between(DecisionTable before, DecisionTable after) {
        Map<String, String> columns = new LinkedHashMap<>();
        columns(before, columns);
        columns(after, columns);
        Map<String, Row> left = byId(before);
        Map<String, Row> right = byId(after);
        var lines = new ArrayList<Line>();
        left.forEach((id, row) -> lines.add(line(columns, before, row, after, right.get(id))));
        right.forEach((id, row) -> {
            if (!left.containsKey(id)) {
                lines.add(line(columns, before, null, after, row));
            }
        });
        return new TableDifference(List.copyOf(columns.values()), List.copyOf(lines));
    }

    private static Line line(
            Map<String, String> columns,
            DecisionTable before,
            @Nullable Row left,
            DecisionTable after,
            @Nullable Row right) {
        List<Cell> cells = columns.keySet().stream()
                .map(column -> new Cell(cell(before, left, column), cell(after, right, column)))
                .toList();
        Change change = left == null
                ? Change.ADDED
                : right == null ? Change.REMOVED : cells.stream().allMatch(Cell::same) ? Change.SAME : Change.CHANGED;
        return new Line(left == null ? null : left.number(), right == null ? null : right.number(), change, cells);
    }

    private static @Nullable String cell(DecisionTable table, @Nullable Row row, String column) {
        if (row == null) {
            return null;
        }
        for (int i = 0; i < table.inputs().size(); i++) {
            if (key("in", table.inputs().get(i)).equals(column)) {
                return row.conditions().get(i);
            }
        }
        for (int i = 0; i < table.outputs().size(); i++) {
            if (key("out", table.outputs().get(i)).equals(column)) {
                return row.results().get(i);
            }
        }
        return null;
    }

    private static void columns(DecisionTable table, Map<String, String> columns) {
        table.inputs().forEach(input -> columns.putIfAbsent(key("in", input), input.label()));
        table.outputs().forEach(output -> columns.putIfAbsent(key("out", output), output.label()));
    }

    private static String key(String side, Column column) {
        return side + ":" + column.expression();
    }

    private static Map<String, Row> byId(DecisionTable table) {
        Map<String, Row> rows = new LinkedHashMap<>();
        table.rules().forEach(row -> rows.put(row.id(), row));
        return rows;
    }
}
