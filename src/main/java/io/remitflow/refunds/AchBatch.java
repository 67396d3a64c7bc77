package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An ACH file of refunds, without its content.
 *
 * @param effectiveOn the day on which it should settle
 * @param finalOn the last day on which a bank returns one of its entries as a rule
 */
public record AchBatch(
        UUID id,
        String number,
        String fileName,
        LocalDate effectiveOn,
        LocalDate finalOn,
        int entries,
        Money amount,
        int returned,
        String entryHash,
        State state,
        UserId releasedBy,
        Instant releasedAt,
        @Nullable Instant sendingSince,
        @Nullable Instant sentAt) {

    public enum State {
        /** In the books, not yet written for the bank. */
        RELEASED,
        /** Being written; if that was interrupted, nobody but a person knows whether the bank got it. */
        SENDING,
        SENT;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param returnCode of the bank, if it came back */
    public record Entry(
            UUID refundId,
            String refundNumber,
            UUID accountId,
            String traceNumber,
            String last4,
            Money amount,
            @Nullable String returnCode) {}
}
