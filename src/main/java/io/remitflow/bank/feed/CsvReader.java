package io.remitflow.bank.feed;

import io.remitflow.bank.CsvProfile;
import io.remitflow.bank.StatementClosing;
import io.remitflow.bank.StatementHandler;
import io.remitflow.bank.StatementHeader;
import io.remitflow.bank.StatementLine;
import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.ParsePosition;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a bank's CSV with the profile whose columns are exactly the file's. Where there is a balance after each row, the
 * rows must lead from one to the next, oldest or newest first.
 */
final class CsvReader {

    /** Account and balance lines that some banks write before the row of titles. */
    private static final int MAX_PREAMBLE = 20;

    private final LineSource source;
    private final List<CsvProfile> profiles;
    private final StatementHandler handler;

    CsvReader(LineSource source, List<CsvProfile> profiles, StatementHandler handler) {
        this.source = source;
        this.profiles = profiles;
        this.handler = handler;
    }

    void read() throws IOException {
        List<byte[]> seen = new ArrayList<>();
        while (seen.size() < MAX_PREAMBLE) {
            String line = source.next();
            if (line == null) {
                break;
            }
            seen.add(source.bytes());
            Optional<CsvProfile> profile = profileOf(line);
            if (profile.isPresent()) {
                rows(profile.get(), titles(line, profile.get().delimiter()));
                return;
            }
        }
        CsvProfile headerless = headerless(seen);
        source.again(seen);
        rows(headerless, headerless.columns());
    }

    private Optional<CsvProfile> profileOf(String line) throws IOException {
        List<CsvProfile> fitting = new ArrayList<>();
        for (CsvProfile profile : profiles) {
            if (profile.hasColumns(titles(line, profile.delimiter()))) {
                fitting.add(profile);
            }
        }
        if (fitting.size() > 1) {
            throw new StatementRejected(
                    Reason.UNKNOWN_ACCOUNT,
                    "These columns fit the CSV profiles %s: upload the file for one bank account"
                            .formatted(fitting.stream().map(CsvProfile::name).collect(Collectors.joining(", "))));
        }
        return fitting.stream().findFirst();
    }

    /** Titles stand on one line; what is quoted over several is none. */
    private static List<String> titles(String line, char delimiter) throws IOException {
        return firstRow(List.of(line.getBytes(StandardCharsets.UTF_8)), delimiter);
    }

    /** In small letters; empty if these lines hold no whole row. */
    private static List<String> firstRow(List<byte[]> lines, char delimiter) throws IOException {
        var source = new LineSource(InputStream.nullInputStream());
        source.again(lines);
        try {
            List<String> row = new CsvRows(source, delimiter, StandardCharsets.UTF_8).next();
            return row == null ? List.of() : row.stream().map(CsvProfile::title).toList();
        } catch (StatementRejected e) {
            if (e.reason() == Reason.TOO_LARGE) {
                throw e;
            }
            return List.of();
        }
    }

    private CsvProfile headerless(List<byte[]> seen) throws IOException {
        List<CsvProfile> fitting = new ArrayList<>();
        for (CsvProfile profile : profiles) {
            if (profile.headerless() && !seen.isEmpty()) {
                List<String> first = firstRow(seen, profile.delimiter());
                if (first.size() == profile.columns().size()
                        && isDate(
                                profile,
                                first.get(profile.columns().indexOf(CsvProfile.title(profile.dateColumn()))))) {
                    fitting.add(profile);
                }
            }
        }
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        throw new StatementRejected(
                Reason.UNKNOWN_COLUMNS,
                fitting.isEmpty()
                        ? "No CSV profile has exactly the columns of this file: add one to the bank account, or correct it if the bank changed its columns"
                        : "Several CSV profiles fit this file: upload it for one bank account");
    }

    private static boolean isDate(CsvProfile profile, String text) {
        String date = text.strip();
        var position = new ParsePosition(0);
        return profile.dates().parseUnresolved(date, position) != null && position.getIndex() == date.length();
    }

    private void rows(CsvProfile profile, List<String> titles) throws IOException {
        Charset charset = Charset.forName(profile.charset());
        var rows = new CsvRows(source, profile.delimiter(), charset);
        var columns = new Columns(profile, titles);
        var balances = new RunningBalance();
        handler.opened(new StatementHeader("", profile, profile.currency(), "", null, null));
        for (List<String> fields = rows.next(); fields != null; fields = rows.next()) {
            row(columns, fields, rows.place(), balances);
        }
        if (held != null) {
            emit(held, balances);
        }
        if (balances.rows == 0) {
            throw new StatementRejected(Reason.NOT_A_STATEMENT, "The file has titles but no movements");
        }
        handler.closed(new StatementClosing(balances.lastDate, balances.closing()));
    }

    private @Nullable Row held;

    private record Row(
            LocalDate bookedOn,
            @Nullable LocalDate valueOn,
            long amountMinor,
            @Nullable Long balance,
            String reference,
            String checkNumber,
            String counterparty,
            String description,
            String place) {

        Row with(String more) {
            return new Row(
                    bookedOn,
                    valueOn,
                    amountMinor,
                    balance,
                    reference,
                    checkNumber,
                    counterparty,
                    FileText.clean(description + " " + more),
                    place);
        }
    }

    private void row(Columns columns, List<String> fields, String place, RunningBalance balances) {
        if (fields.stream().allMatch(String::isBlank)) {
            return;
        }
        if (fields.size() != columns.count()) {
            // Some banks leave trailing empty columns away, or add one.
            boolean shorter = fields.size() < columns.count();
            if (!shorter
                    && !fields.subList(columns.count(), fields.size()).stream().allMatch(String::isBlank)) {
                throw new StatementRejected(
                        Reason.WRONG_STRUCTURE,
                        "The row has %d columns instead of %d".formatted(fields.size(), columns.count()),
                        place);
            }
        }
        if (columns.isContinuation(fields)) {
            if (held == null) {
                throw new StatementRejected(Reason.WRONG_DATE, "The date is missing", place);
            }
            held = held.with(columns.description(fields));
            return;
        }
        if (held != null) {
            emit(held, balances);
        }
        held = columns.row(fields, place);
    }

    private void emit(Row row, RunningBalance balances) {
        balances.next(row);
        handler.line(new StatementLine(
                row.bookedOn(),
                row.valueOn(),
                row.amountMinor(),
                false,
                "",
                "",
                row.reference(),
                row.checkNumber(),
                row.counterparty(),
                row.description(),
                TraceNumbers.in(row.description() + " " + row.reference()),
                row.place()));
    }

    /** Follows the balance from row to row, in whichever of the two directions the first two rows show. */
    private static final class RunningBalance {

        private int rows;
        private @Nullable Row before;
        private @Nullable Row newest;
        private boolean forward = true;
        private boolean backward = true;
        private @Nullable LocalDate lastDate;

        void next(Row row) {
            rows++;
            lastDate = lastDate == null || row.bookedOn().isAfter(lastDate) ? row.bookedOn() : lastDate;
            Row previous = before;
            if (newest == null) {
                newest = row;
            }
            before = row;
            if (previous == null || previous.balance() == null || row.balance() == null) {
                return;
            }
            forward &= previous.balance() + row.amountMinor() == row.balance();
            backward &= row.balance() + previous.amountMinor() == previous.balance();
            if (!forward && !backward) {
                throw new StatementRejected(
                        Reason.WRONG_BALANCE, "The balance does not follow from the rows", row.place());
            }
        }

        @Nullable Long closing() {
            Row end = rows > 1 && forward && !backward ? before : newest;
            if (rows > 1 && forward && backward) {
                // Both directions hold, as for rows that cancel each other out: the later date decides.
                Row last = Objects.requireNonNull(before);
                end = last.bookedOn().isBefore(Objects.requireNonNull(newest).bookedOn()) ? newest : last;
            }
            return end == null ? null : end.balance();
        }
    }

    /** Where each column stands in this file, and how its values are read. */
    private static final class Columns {

        private final CsvProfile profile;
        private final List<String> titles;

        Columns(CsvProfile profile, List<String> titles) {
            this.profile = profile;
            this.titles = titles;
        }

        int count() {
            return titles.size();
        }

        /** Text of the row before that goes on: a row without date and amount. */
        boolean isContinuation(List<String> fields) {
            return value(fields, profile.dateColumn()).isEmpty()
                    && value(fields, profile.amountColumn()).isEmpty()
                    && value(fields, profile.debitColumn()).isEmpty()
                    && value(fields, profile.creditColumn()).isEmpty()
                    && !description(fields).isEmpty();
        }

        String description(List<String> fields) {
            return FileText.clean(profile.descriptionColumns().stream()
                    .map(column -> value(fields, column))
                    .collect(Collectors.joining(" ")));
        }

        Row row(List<String> fields, String place) {
            String balance = value(fields, profile.balanceColumn());
            String valueDate = value(fields, profile.valueDateColumn());
            return new Row(
                    date(value(fields, profile.dateColumn()), place),
                    valueDate.isEmpty() ? null : date(valueDate, place),
                    amount(fields, place),
                    balance.isEmpty() ? null : written(balance, place),
                    FileText.clean(value(fields, profile.referenceColumn()), 100),
                    FileText.clean(value(fields, profile.checkNumberColumn()), 35),
                    FileText.clean(value(fields, profile.counterpartyColumn()), 200),
                    description(fields),
                    place);
        }

        private long amount(List<String> fields, String place) {
            if (profile.amountColumn() == null) {
                return twoColumns(fields, place);
            }
            long amount = written(value(fields, profile.amountColumn()), place);
            if (profile.directionColumn() == null) {
                return amount;
            }
            String word = value(fields, profile.directionColumn());
            if (amount >= 0 && word.equalsIgnoreCase(profile.debitWord())) {
                return -amount;
            }
            if (amount >= 0 && word.equalsIgnoreCase(profile.creditWord())) {
                return amount;
            }
            throw new StatementRejected(
                    Reason.WRONG_AMOUNT,
                    "'%s' says neither debit nor credit of an unsigned amount".formatted(FileText.shown(word)),
                    place);
        }

        private long twoColumns(List<String> fields, String place) {
            String debit = value(fields, profile.debitColumn());
            String credit = value(fields, profile.creditColumn());
            long out = debit.isEmpty() ? 0 : Math.abs(written(debit, place));
            long in = credit.isEmpty() ? 0 : written(credit, place);
            if ((debit.isEmpty() && credit.isEmpty()) || (out != 0 && in != 0) || in < 0) {
                throw new StatementRejected(
                        Reason.WRONG_AMOUNT, "A row has one amount, in the column for debits or for credits", place);
            }
            return in - out;
        }

        private long written(String text, String place) {
            return FileAmounts.written(text, profile.decimalComma(), profile.currency(), place);
        }

        private LocalDate date(String text, String place) {
            try {
                return LocalDate.from(profile.dates().parse(text));
            } catch (DateTimeException e) {
                throw new StatementRejected(
                        Reason.WRONG_DATE,
                        "'%s' is not a date as %s".formatted(FileText.shown(text), profile.dateFormat()),
                        place);
            }
        }

        private String value(List<String> fields, @Nullable String column) {
            if (column == null) {
                return "";
            }
            int at = titles.indexOf(CsvProfile.title(column));
            return at < fields.size() ? fields.get(at).strip() : "";
        }
    }
}
