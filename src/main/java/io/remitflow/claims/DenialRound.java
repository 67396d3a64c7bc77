package io.remitflow.claims;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A round of work on a denial that was over and was opened again: what was decided then stays visible.
 *
 * @param billed what had been billed to the patient by then
 * @param reversalEntryId of the entry that took it back from the patient, if reopening did that
 */
public record DenialRound(
        int round,
        DenialClosing closing,
        @Nullable String evidence,
        Instant closedAt,
        Denial.@Nullable Sending sent,
        Money billed,
        @Nullable UUID reversalEntryId,
        Instant reopenedAt,
        Reopening reopening) {

    /** @param by null: nobody, something was taken back */
    public record Reopening(
            Because because, String reason, @Nullable UserId by) {}

    /** Why a closed denial is worked on again. */
    public enum Because {
        PERSON,
        /** A later remittance takes back the payment that had closed it. */
        PAYMENT_TAKEN_BACK,
        /** The remittance that had answered it was posted by mistake. */
        ANSWER_TAKEN_BACK,
        WRITE_OFF_TAKEN_BACK;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Because ofKey(String key) {
            return valueOf(key.toUpperCase(Locale.ROOT));
        }
    }
}
