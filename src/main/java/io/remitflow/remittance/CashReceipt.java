package io.remitflow.remittance;

import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Money of a payer as it is booked.
 *
 * @param sourceKey the bank line, null if a person recorded it and no bank line confirmed it yet
 * @param corrects the receipt recorded wrongly that this one replaces
 * @param reason why it no longer counts
 */
public record CashReceipt(
        UUID id,
        String number,
        CashKind kind,
        boolean byHand,
        @Nullable String sourceKey,
        String traceNumber,
        String payerIdentifier,
        String payerHint,
        Money amount,
        Money fee,
        LocalDate bankDate,
        State state,
        @Nullable UUID corrects,
        @Nullable String reason,
        @Nullable UUID journalEntryId,
        @Nullable UUID recordedBy,
        Instant recordedAt) {

    public Money covered() {
        return amount.plus(fee);
    }

    /** Whether it counts. */
    public enum State {
        RECEIVED,
        /** The bank took it back, or it never was there. */
        REVERSED,
        /** Another receipt replaces it. */
        CORRECTED
    }

    /** The part of a receipt that counts for one settlement, and why. */
    public record Part(CashReceipt receipt, UUID settlementId, Money amount, String rule, String evidence) {}
}
