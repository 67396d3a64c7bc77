package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A check of the register; its payee is the patient of the account, or the payer whose credit goes back.
 *
 * @param reference how the books call it: its number, after the code of its book unless that is the main one
 * @param refundId what it pays; null: a credit goes back to its payer
 * @param creditReturnId that return
 * @param printed how often it was printed
 * @param replacesId the check in whose place it was issued
 */
public record RefundCheck(
        UUID id,
        UUID bookId,
        long number,
        String reference,
        @Nullable UUID refundId,
        @Nullable UUID creditReturnId,
        UUID accountId,
        Money amount,
        LocalDate issuedOn,
        UserId issuedBy,
        State state,
        @Nullable String stateReason,
        int printed,
        @Nullable UUID replacesId,
        @Nullable LocalDate clearedOn,
        int version) {

    public enum State {
        ISSUED,
        /** Never handed out: the money is owed again. */
        VOIDED,
        /** The bank was told not to pay it: the money is owed again. */
        STOPPED,
        /** Older than banks have to pay; somebody voids or reissues it. */
        STALE,
        CLEARED,
        /** Another check took its place. */
        REISSUED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether somebody may still cash it. */
        public boolean outstanding() {
            return this == ISSUED || this == STALE;
        }
    }
}
