package io.remitflow.bank.feed;

import io.remitflow.bank.BankFormat;
import io.remitflow.bank.CsvProfile;
import io.remitflow.bank.StatementClosing;
import io.remitflow.bank.StatementHandler;
import io.remitflow.bank.StatementHeader;
import io.remitflow.bank.StatementLine;
import io.remitflow.core.Ids;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a file was read as. */
final class ReadStatements implements StatementHandler {

    final List<StatementHeader> headers = new ArrayList<>();
    final List<StatementLine> lines = new ArrayList<>();
    final List<StatementClosing> closings = new ArrayList<>();
    BankFormat format = BankFormat.CSV;

    static ReadStatements of(String text, CsvProfile... profiles) {
        return of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), profiles);
    }

    static ReadStatements of(InputStream bytes, CsvProfile... profiles) {
        var read = new ReadStatements();
        read.format = new StatementFormat().read(bytes, List.of(profiles), read);
        return read;
    }

    /** One signed amount in one column, dates of the United States. */
    static CsvProfile usProfile(String columns, String... described) {
        return profile("Portal", ',', columns, "MM/dd/yyyy", false, "date", "amount", null, null, null, described);
    }

    static CsvProfile profile(
            String name,
            char delimiter,
            String columns,
            String dates,
            boolean decimalComma,
            String dateColumn,
            @Nullable String amountColumn,
            @Nullable String debitColumn,
            @Nullable String creditColumn,
            @Nullable String balanceColumn,
            String... described) {
        return profile(
                name,
                delimiter,
                columns,
                false,
                dates,
                decimalComma,
                dateColumn,
                amountColumn,
                null,
                debitColumn,
                creditColumn,
                balanceColumn,
                described);
    }

    /** An unsigned amount beside a column that says D or C. */
    static CsvProfile directionProfile(String columns, String directionColumn, String... described) {
        return profile(
                "Directions",
                ',',
                columns,
                false,
                "MM/dd/yyyy",
                false,
                "date",
                "amount",
                directionColumn,
                null,
                null,
                null,
                described);
    }

    /** Rows from the first line on, without titles. */
    static CsvProfile headerlessProfile(String columns, String... described) {
        return profile(
                "No titles",
                ',',
                columns,
                true,
                "MM/dd/yyyy",
                false,
                "date",
                "amount",
                null,
                null,
                null,
                null,
                described);
    }

    private static CsvProfile profile(
            String name,
            char delimiter,
            String columns,
            boolean headerless,
            String dates,
            boolean decimalComma,
            String dateColumn,
            @Nullable String amountColumn,
            @Nullable String directionColumn,
            @Nullable String debitColumn,
            @Nullable String creditColumn,
            @Nullable String balanceColumn,
            String... described) {
        return new CsvProfile(
                Ids.next(),
                Ids.next(),
                name,
                delimiter,
                "UTF-8",
                Stream.of(columns.split("\\|")).toList(),
                headerless,
                dates,
                decimalComma,
                dateColumn,
                null,
                amountColumn,
                directionColumn,
                directionColumn == null ? null : "D",
                directionColumn == null ? null : "C",
                debitColumn,
                creditColumn,
                balanceColumn,
                null,
                null,
                null,
                List.of(described),
                decimalComma ? "EUR" : "USD");
    }

    @Override
    public void opened(StatementHeader header) {
        headers.add(header);
    }

    @Override
    public void line(StatementLine line) {
        lines.add(line);
    }

    @Override
    public void closed(StatementClosing closing) {
        closings.add(closing);
    }

    long sumMinor() {
        return lines.stream().mapToLong(StatementLine::amountMinor).sum();
    }

    /** "BAI2: 2 statements, 17 lines, sum -12345". */
    String words() {
        return "%s: %d %s, %d %s, sum %d"
                .formatted(
                        format.title(),
                        headers.size(),
                        headers.size() == 1 ? "statement" : "statements",
                        lines.size(),
                        lines.size() == 1 ? "line" : "lines",
                        sumMinor());
    }
}
