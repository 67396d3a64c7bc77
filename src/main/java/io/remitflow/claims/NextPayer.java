package io.remitflow.claims;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who answers a claim next, and why it goes there or not.
 *
 * @param sequence 1 for the primary payer
 * @param payerId null if there is no next payer
 * @param reason a sentence for a biller
 */
public record NextPayer(
        UUID claimId,
        int sequence,
        @Nullable UUID payerId,
        @Nullable String payerName,
        State state,
        String reason) {

    /** Where it stands. */
    public enum State {
        /** The payer before has not answered. */
        WAITING,
        /** The patient has no further insurance. */
        NONE,
        /** Nothing is left to be paid. */
        SETTLED,
        /** The payer before passed it on itself. */
        FORWARDED,
        /** What the payer before denied is worked first. */
        DENIED,
        /** What the payers before decided does not explain the charge, or is partly taken back. */
        UNCLEAR,
        /** Owed by the next payer, but a person has to add what the claim needs to be sent. */
        DETAILS_MISSING,
        /** Owed by the next payer, and everything is there. */
        DUE,
        /** Made ready for the next payer, or already with it. */
        UNDER_WAY;

        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Primary, secondary, tertiary. */
    public String rank() {
        return rank(sequence);
    }

    /** Whether the claim may go to the next payer. */
    public boolean isOwed() {
        return state == State.DETAILS_MISSING || state == State.DUE || state == State.UNDER_WAY;
    }

    static String rank(int sequence) {
        return switch (sequence) {
            case 1 -> "primary";
            case 2 -> "secondary";
            case 3 -> "tertiary";
            default -> "further";
        };
    }
}
