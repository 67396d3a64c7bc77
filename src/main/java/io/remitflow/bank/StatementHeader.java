package io.remitflow.bank;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * How a statement begins.
 *
 * @param accountNumber as the bank writes it; empty if the file does not say, then its CSV profile does
 * @param profile the CSV profile it was read with
 * @param number the bank's own number of the statement; empty if it has none
 * @param openingMinor what the bank says was there before the first line; null if it does not say
 */
public record StatementHeader(
        String accountNumber,
        @Nullable CsvProfile profile,
        String currency,
        String number,
        @Nullable LocalDate openedOn,
        @Nullable Long openingMinor) {}
