package io.remitflow.ui;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lists for a spreadsheet (RFC 4180). A text that a spreadsheet would calculate gets an apostrophe in front of it; numbers
 * stay numbers.
 */
public final class CsvText {

    private static final String CALCULATED = "=+-@\t\r\n\0";

    private final StringBuilder text = new StringBuilder();

    public CsvText row(@Nullable Object... cells) {
        text.append(Arrays.stream(cells).map(CsvText::cell).collect(Collectors.joining(",")))
                .append("\r\n");
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof Number number) {
            return number.toString();
        }
        String words = value.toString();
        String safe = !words.isEmpty() && CALCULATED.indexOf(words.charAt(0)) >= 0 ? "'" + words : words;
        return '"' + safe.replace("\"", "\"\"") + '"';
    }
}
