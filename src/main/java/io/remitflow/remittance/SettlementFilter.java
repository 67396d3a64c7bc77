package io.remitflow.remittance;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * @param state null: all that are not over
 * @param all whether settled and closed ones are listed too, if no state is given
 * @param text part of a trace number or payer; null or blank: any
 * @param after the last one of the page before
 */
public record SettlementFilter(
        @Nullable SettlementState state,
        boolean all,
        @Nullable String text,
        @Nullable UUID after,
        int limit) {

    public static final int MAX_LIMIT = 200;

    public SettlementFilter {
        limit = Math.clamp(limit, 1, MAX_LIMIT);
    }
}
