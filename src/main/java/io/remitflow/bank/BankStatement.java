package io.remitflow.bank;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a bank said about an account in one file.
 *
 * @param opening null if the bank does not state it
 * @param lines how many movements it shows
 * @param newLines how many of them no earlier file had shown
 * @param finding what does not continue the statement before it that is known now, null if it does, or nothing is known
 */
public record BankStatement(
        UUID id,
        UUID bankAccountId,
        String accountName,
        String accountLast4,
        UUID fileId,
        String fileName,
        BankFormat format,
        String number,
        @Nullable LocalDate firstOn,
        @Nullable LocalDate lastOn,
        @Nullable Money opening,
        @Nullable Money closing,
        int lines,
        int newLines,
        @Nullable String finding,
        Instant importedAt) {}
