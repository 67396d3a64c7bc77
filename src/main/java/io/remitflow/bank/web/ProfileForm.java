package io.remitflow.bank.web;

import io.remitflow.bank.BankAccount;
import io.remitflow.bank.CsvProfile;
import io.remitflow.core.Ids;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A CSV layout as people and clients write it: lists of columns with commas in between, blanks for what is not there. */
record ProfileForm(
        String name,
        @Nullable String delimiter,
        String columns,
        @Nullable String dateFormat,
        boolean decimalComma,
        boolean headerless,
        String dateColumn,
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
        @Nullable String descriptionColumns) {

    private static final String TAB = "tab";

    CsvProfile of(BankAccount account) {
        return new CsvProfile(
                Ids.next(),
                account.id(),
                name.strip(),
                character(delimiter),
                "UTF-8",
                list(columns),
                headerless,
                dateFormat == null || dateFormat.isBlank() ? "MM/dd/yyyy" : dateFormat.strip(),
                decimalComma,
                dateColumn,
                null,
                given(amountColumn),
                given(directionColumn),
                given(debitWord),
                given(creditWord),
                given(debitColumn),
                given(creditColumn),
                given(balanceColumn),
                given(referenceColumn),
                given(checkNumberColumn),
                given(counterpartyColumn),
                list(descriptionColumns),
                account.currency());
    }

    private static char character(@Nullable String delimiter) {
        if (delimiter == null || delimiter.isEmpty()) {
            return ',';
        }
        return delimiter.equals(TAB) ? '\t' : delimiter.charAt(0);
    }

    private static List<String> list(@Nullable String text) {
        return text == null
                ? List.of()
                : Stream.of(text.split("[,\\n]"))
                        .map(String::strip)
                        .filter(column -> !column.isEmpty())
                        .toList();
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
