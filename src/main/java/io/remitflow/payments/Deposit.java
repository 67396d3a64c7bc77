package io.remitflow.payments;

import io.remitflow.core.BusinessDays;
import io.remitflow.ledger.ClearingReference;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Checks or cash that are brought to the bank together.
 *
 * @param slipNumber of the bank's slip, if it has one
 * @param open what the bank has not credited yet; zero before it is verified
 * @param version counts changes
 */
public record Deposit(
        UUID id,
        String number,
        DepositMethod method,
        DepositStatus status,
        UUID bankAccountId,
        String bankAccountName,
        String bankAccountLast4,
        LocalDate date,
        @Nullable String slipNumber,
        Money amount,
        int items,
        Money open,
        UUID preparedBy,
        Instant preparedAt,
        @Nullable UUID verifiedBy,
        @Nullable Instant verifiedAt,
        @Nullable UUID journalEntryId,
        @Nullable UUID cancelledBy,
        @Nullable Instant cancelledAt,
        @Nullable String cancelReason,
        int version) {

    /** Business days that a bank may take, from the day of the deposit. */
    static final int DAYS_OF_THE_BANK = 2;

    /** Under which the money waits for the line of the bank. */
    public ClearingReference reference() {
        return new ClearingReference("deposit", number);
    }

    /** The last day on which nobody has to ask the bank where it is. */
    public LocalDate expectedBy() {
        return BusinessDays.after(date, DAYS_OF_THE_BANK);
    }

    public boolean isLate(LocalDate today) {
        return status == DepositStatus.VERIFIED && today.isAfter(expectedBy());
    }

    /** One check or payment of it. */
    public record Item(
            int line,
            String kind,
            UUID receiptId,
            String receiptNumber,
            @Nullable String paperNumber,
            ClearingReference reference,
            LocalDate receivedOn,
            Money amount) {

        /** Its page. */
        public String href() {
            return ("check".equals(kind) ? "/app/checks/" : "/app/payments/") + receiptId;
        }
    }
}
