package io.remitflow.remittance;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Inserts many rows with one statement that has one array for each column: its text and its plan are the same whatever
 * the number of rows, and the number of parameters has no limit to run into.
 */
final class ArrayInsert {

    private final String sql;
    private final int shared;
    private final List<ColumnType> types;

    /**
     * @param shared columns with one value for all rows
     * @param columns the others
     */
    ArrayInsert(String table, List<Column> shared, List<Column> columns) {
        this.sql = "insert into %s (%s) select %s, added.* from unnest(%s) as added"
                .formatted(
                        table,
                        Stream.concat(shared.stream(), columns.stream())
                                .map(Column::name)
                                .collect(Collectors.joining(", ")),
                        parameters(shared, ""),
                        parameters(columns, "[]"));
        this.shared = shared.size();
        this.types = Stream.concat(shared.stream(), columns.stream())
                .map(Column::type)
                .toList();
    }

    /** @param rows each with a value for each column that is not shared, in the order of the columns */
    void run(JdbcTemplate jdbc, List<?> shared, List<@Nullable Object[]> rows) {
        if (rows.isEmpty()) {
            return;
        }
        jdbc.update(sql, statement -> {
            for (int i = 0; i < this.shared; i++) {
                statement.setObject(i + 1, shared.get(i));
            }
            for (int i = this.shared; i < types.size(); i++) {
                statement.setArray(i + 1, array(statement, types.get(i), rows, i - this.shared));
            }
        });
    }

    private static Array array(PreparedStatement statement, ColumnType type, List<@Nullable Object[]> rows, int column)
            throws SQLException {
        @Nullable Object[] values = type.array.apply(rows.size());
        for (int i = 0; i < values.length; i++) {
            Object value = rows.get(i)[column];
            values[i] = value == null ? null : type.sent(value);
        }
        return statement.getConnection().createArrayOf(type.sql, values);
    }

    private static String parameters(List<Column> columns, String suffix) {
        return columns.stream()
                .map(column -> "?::" + column.type().sql + suffix)
                .collect(Collectors.joining(", "));
    }

    static Column uuid(String name) {
        return new Column(name, ColumnType.UUID);
    }

    static Column text(String name) {
        return new Column(name, ColumnType.TEXT);
    }

    static Column integer(String name) {
        return new Column(name, ColumnType.INTEGER);
    }

    static Column bigint(String name) {
        return new Column(name, ColumnType.BIGINT);
    }

    static Column bool(String name) {
        return new Column(name, ColumnType.BOOLEAN);
    }

    static Column date(String name) {
        return new Column(name, ColumnType.DATE);
    }

    static Column numeric(String name) {
        return new Column(name, ColumnType.NUMERIC);
    }

    record Column(String name, ColumnType type) {}

    /** Arrays of the types that the driver sends as bytes; all else goes as text. */
    enum ColumnType {
        UUID("uuid", String[]::new),
        TEXT("text", String[]::new),
        INTEGER("int4", Integer[]::new),
        BIGINT("int8", Long[]::new),
        BOOLEAN("bool", Boolean[]::new),
        DATE("date", String[]::new),
        NUMERIC("numeric", String[]::new);

        private final String sql;
        private final IntFunction<@Nullable Object[]> array;

        ColumnType(String sql, IntFunction<@Nullable Object[]> array) {
            this.sql = sql;
            this.array = array;
        }

        private Object sent(Object value) {
            return switch (this) {
                case UUID, TEXT, DATE, NUMERIC -> value.toString();
                case INTEGER, BIGINT, BOOLEAN -> value;
            };
        }
    }
}
