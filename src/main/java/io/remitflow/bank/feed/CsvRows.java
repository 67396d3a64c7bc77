package io.remitflow.bank.feed;

import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of a CSV file (RFC 4180, any delimiter), each of bounded length and width: a quote that never ends is an error. */
final class CsvRows {

    static final int MAX_COLUMNS = 100;
    private static final int MAX_LINES_OF_ROW = 50;

    private final LineSource source;
    private final char delimiter;
    private final java.nio.charset.Charset charset;
    private int rowLine;

    CsvRows(LineSource source, char delimiter, java.nio.charset.Charset charset) {
        this.source = source;
        this.delimiter = delimiter;
        this.charset = charset;
    }

    /** The next row, null after the last one; a blank line is a row of one blank field. */
    @Nullable List<String> next() throws IOException {
        String line = source.next(charset);
        rowLine = source.number();
        return line == null ? null : row(line);
    }

    String place() {
        return "line " + rowLine;
    }

    private List<String> row(String first) throws IOException {
        List<String> fields = new ArrayList<>();
        var field = new StringBuilder();
        String line = first;
        boolean quoted = false;
        int lines = 1;
        int at = 0;
        while (true) {
            if (at == line.length()) {
                if (!quoted) {
                    add(fields, field);
                    return fields;
                }
                String more = lines++ == MAX_LINES_OF_ROW ? null : source.next(charset);
                if (more == null || field.length() + more.length() > LineSource.MAX_LINE_BYTES) {
                    throw new StatementRejected(
                            Reason.WRONG_STRUCTURE, "A quotation mark opens a text that does not end", place());
                }
                field.append('\n');
                line = more;
                at = 0;
                continue;
            }
            char c = line.charAt(at++);
            if (quoted) {
                if (c != '"') {
                    field.append(c);
                } else if (at < line.length() && line.charAt(at) == '"') {
                    field.append('"');
                    at++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && field.toString().isBlank()) {
                field.setLength(0);
                quoted = true;
            } else if (c == delimiter) {
                add(fields, field);
            } else {
                field.append(c);
            }
        }
    }

    private void add(List<String> fields, StringBuilder field) {
        if (fields.size() == MAX_COLUMNS) {
            throw new StatementRejected(
                    Reason.TOO_LARGE, "A row has more than %d columns".formatted(MAX_COLUMNS), place());
        }
        fields.add(field.toString());
        field.setLength(0);
    }
}
