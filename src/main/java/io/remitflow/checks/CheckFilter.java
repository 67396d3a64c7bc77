package io.remitflow.checks;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which checks: those that wait for a review oldest first, all others newest first.
 *
 * @param text the beginning of the payer's name, or a whole number
 * @param after id of the last one of the page before
 */
public record CheckFilter(
        @Nullable CheckStatus status,
        @Nullable String text,
        @Nullable UUID after,
        int limit) {

    public static final int MAX_LIMIT = 200;

    public CheckFilter {
        limit = Math.clamp(limit, 1, MAX_LIMIT);
    }
}
