package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bank account of a payee, without its number: people see the last four digits.
 *
 * @param fromNotice whether its number came from the bank's notice of change, confirmed by the person
 */
public record AchDestination(
        UUID id,
        UUID accountId,
        String routingNumber,
        String last4,
        Type type,
        State state,
        @Nullable String stateReason,
        boolean fromNotice,
        UserId enteredBy,
        Instant enteredAt) {

    /** Entries for a checking account begin with a 2, those for a savings account with a 3. */
    public enum Type {
        CHECKING,
        SAVINGS;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public enum State {
        ACTIVE,
        /** Another one took its place. */
        REPLACED,
        /** The bank said that nothing arrives there. */
        UNUSABLE;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean usable() {
        return state == State.ACTIVE;
    }
}
