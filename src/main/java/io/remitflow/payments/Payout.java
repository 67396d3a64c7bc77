package io.remitflow.payments;

import io.remitflow.core.BusinessDays;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Money that a gateway pays out to our bank account.
 *
 * @param amount below zero: taken from our bank account
 * @param automatic whether the gateway tells its transactions; of others only the total is posted
 * @param arrivesOn when the gateway expects it at the bank
 * @param traceNumber what the bank's statement shows of it
 * @param holdReason why nothing was posted, in words
 * @param gross sum of its transactions before fees
 * @param fee sum of their fees
 * @param open what the bank has not brought or taken yet
 * @param unknown how many of its transactions lie in bank suspense
 * @param checkedAt when the gateway last told about it
 */
public record Payout(
        UUID id,
        String number,
        String gatewayProvider,
        String gatewayPayoutId,
        Money amount,
        PayoutStatus status,
        boolean automatic,
        LocalDate arrivesOn,
        Instant issuedAt,
        @Nullable String traceNumber,
        @Nullable String statementDescriptor,
        @Nullable String failureCode,
        State state,
        @Nullable String holdReason,
        Money gross,
        Money fee,
        int lineCount,
        @Nullable UUID journalEntryId,
        @Nullable UUID returnEntryId,
        Money open,
        int unknown,
        Instant firstSeenAt,
        Instant checkedAt) {

    /** How far the books are with it. */
    public enum State {
        COLLECTING,
        HELD,
        POSTED
    }

    /** Banks book a payout on its day or the next business day. */
    private static final int LATE_AFTER_DAYS = 1;

    private static final int MISSING_AFTER_DAYS = 4;

    public PayoutStanding standing(LocalDate today) {
        if (state != State.POSTED) {
            return state == State.HELD ? PayoutStanding.HELD : PayoutStanding.COLLECTING;
        }
        if (status.cameBack()) {
            return open.isZero() ? PayoutStanding.RETURNED : PayoutStanding.FAILED;
        }
        if (open.isZero()) {
            return PayoutStanding.SETTLED;
        }
        if (today.isBefore(arrivesOn)) {
            return PayoutStanding.EXPECTED;
        }
        if (!today.isAfter(BusinessDays.after(arrivesOn, LATE_AFTER_DAYS))) {
            return PayoutStanding.WAITING;
        }
        return today.isAfter(BusinessDays.after(arrivesOn, MISSING_AFTER_DAYS))
                ? PayoutStanding.MISSING
                : PayoutStanding.LATE;
    }
}
