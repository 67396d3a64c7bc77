package io.remitflow.payments;

import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which payouts to list.
 *
 * @param after the id of the last one already seen
 */
public record PayoutFilter(Show show, @Nullable UUID after, int limit) {

    public static final int MAX_LIMIT = 200;

    public PayoutFilter {
        limit = Math.clamp(limit, 1, MAX_LIMIT);
    }

    public enum Show {
        /** The bank has not brought them yet, or they are not posted. */
        OPEN,
        SETTLED,
        /** Held, failed, made by hand, or with transactions that a person should see. */
        PROBLEMS,
        ALL;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
