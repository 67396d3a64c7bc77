package io.remitflow.refunds;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a bank said about an entry of ours.
 *
 * @param notice a notice of change (C01...), which returns no money
 * @param note what was done about it, or why nothing
 * @param correctedShown what the notice gives instead, account numbers as their last four digits
 */
public record AchReturn(
        UUID id,
        boolean notice,
        String code,
        String originalTrace,
        Money amount,
        @Nullable UUID refundId,
        @Nullable UUID accountId,
        State state,
        String note,
        @Nullable String correctedShown,
        Instant recordedAt) {

    public enum State {
        /** The refund was taken back. */
        APPLIED,
        /** No entry of ours, another amount or a code that is none for refunds: a person looks. */
        UNMATCHED,
        /** Said before: no difference. */
        REPEATED,
        /** A notice that a person has to confirm. */
        WAITING,
        CONFIRMED,
        DISMISSED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        public boolean open() {
            return this == UNMATCHED || this == WAITING;
        }
    }
}
