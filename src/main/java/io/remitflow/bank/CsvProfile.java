package io.remitflow.bank;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Month;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How one bank lays out its CSV files. A file belongs to the profile that has exactly its columns; there is no guessing.
 *
 * @param columns titles of all columns, in any order in the file
 * @param headerless the file has no row of titles: the columns stand in the order given here
 * @param dateFormat such as {@code MM/dd/yyyy}
 * @param decimalComma whether 1.234,50 is written instead of 1,234.50
 * @param amountColumn signed amount, or unsigned one beside {@code directionColumn}; null with two columns
 * @param debitWord what the direction column says for money that left
 * @param creditWord what it says for money that came in
 * @param debitColumn money that left, where credits have a column of their own
 * @param balanceColumn balance after each row; null if there is none
 * @param descriptionColumns put together in this order
 */
public record CsvProfile(
        UUID id,
        UUID bankAccountId,
        String name,
        char delimiter,
        String charset,
        List<String> columns,
        boolean headerless,
        String dateFormat,
        boolean decimalComma,
        String dateColumn,
        @Nullable String valueDateColumn,
        @Nullable String amountColumn,
        @Nullable String directionColumn,
        @Nullable String debitWord,
        @Nullable String creditWord,
        @Nullable String debitColumn,
        @Nullable String creditColumn,
        @Nullable String balanceColumn,
        @Nullable String referenceColumn,
        @Nullable String checkNumberColumn,
        @Nullable String counterpartyColumn,
        List<String> descriptionColumns,
        String currency) {

    private static final int MAX_COLUMNS = 60;
    private static final LocalDate ANY_DAY = LocalDate.of(2026, Month.MARCH, 31);

    public CsvProfile {
        columns = columns.stream().map(CsvProfile::title).toList();
        descriptionColumns = descriptionColumns.stream().map(CsvProfile::title).toList();
        require(!name.isBlank() && name.length() <= 100, "a profile has a name of at most 100 characters");
        require(
                columns.size() >= 2 && columns.size() <= MAX_COLUMNS && new HashSet<>(columns).size() == columns.size(),
                "a profile names 2 to 60 columns, each once");
        require(",;\t|".indexOf(delimiter) >= 0, "columns are separated by comma, semicolon, tab or bar");
        boolean signed = amountColumn != null && debitColumn == null && creditColumn == null;
        boolean twoColumns = amountColumn == null && debitColumn != null && creditColumn != null;
        require(signed || twoColumns, "amounts are in one column, or in one for debits and one for credits");
        require(
                directionColumn == null || (signed && debitWord != null && creditWord != null),
                "a direction column needs an amount column and its words for debit and credit");
        Set<String> titles = Set.copyOf(columns);
        requireKnown(
                titles,
                dateColumn,
                valueDateColumn,
                amountColumn,
                directionColumn,
                debitColumn,
                creditColumn,
                balanceColumn,
                referenceColumn,
                checkNumberColumn,
                counterpartyColumn);
        requireKnown(titles, descriptionColumns.toArray(String[]::new));
        requireReadable(dateFormat, charset);
    }

    /** Titles are compared without regard to case and surrounding blanks. */
    public static String title(String column) {
        return column.strip().toLowerCase(Locale.ROOT);
    }

    /** Whether a row of titles is this profile's, in whatever order. */
    public boolean hasColumns(List<String> titles) {
        return !headerless
                && titles.size() == columns.size()
                && new HashSet<>(titles).equals(new HashSet<>(columns))
                && new HashSet<>(titles).size() == titles.size();
    }

    public DateTimeFormatter dates() {
        return formatter(dateFormat);
    }

    private static void requireKnown(Set<String> titles, @Nullable String... used) {
        for (String column : used) {
            require(
                    column == null || titles.contains(title(column)),
                    "the column '%s' is not among the columns".formatted(column));
        }
    }

    private static void requireReadable(String dateFormat, String charset) {
        try {
            DateTimeFormatter dates = formatter(dateFormat);
            require(
                    LocalDate.from(dates.parse(dates.format(ANY_DAY))).equals(ANY_DAY),
                    "'%s' does not name year, month and day".formatted(dateFormat));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "'%s' is not a date format".formatted(dateFormat));
        }
        try {
            require(Charset.isSupported(charset), "'%s' is not a character set".formatted(charset));
        } catch (IllegalCharsetNameException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "'%s' is not a character set".formatted(charset));
        }
    }

    private static DateTimeFormatter formatter(String dateFormat) {
        return DateTimeFormatter.ofPattern(dateFormat.replace("yyyy", "uuuu"), Locale.ROOT)
                .withResolverStyle(ResolverStyle.STRICT);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new RuleViolation(Refusal.INVALID_INPUT, rule);
        }
    }
}
