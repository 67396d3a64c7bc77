package io.remitflow.refunds;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A claim's credit as a case; {@code paymentId} is the payment that a refund would return, if one is large enough. */
public record CreditBalance(
        UUID id,
        UUID accountId,
        UUID claimId,
        @Nullable UUID paymentId,
        Money amount,
        String cause,
        State state,
        LocalDate refundDue,
        Instant openedAt,
        @Nullable Instant resolvedAt,
        @Nullable String resolution) {

    public enum State {
        OPEN,
        REFUND_REQUESTED,
        RESOLVED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
