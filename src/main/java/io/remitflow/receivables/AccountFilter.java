package io.remitflow.receivables;

import org.jspecify.annotations.Nullable;

/**
 * Which accounts a list shows, in the order of their numbers.
 *
 * @param text start of the account number or family name, or a whole patient id
 * @param after number of the last account of the page before
 */
public record AccountFilter(
        @Nullable String text,
        @Nullable AccountStatus status,
        Balance balance,
        @Nullable String after,
        int limit) {

    /** Which balances. */
    public enum Balance {
        ANY,
        OWED,
        CREDIT,
        ZERO
    }

    public static final int MAX_LIMIT = 200;
}
