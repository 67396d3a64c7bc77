package io.remitflow.refunds;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which credit balances to list.
 *
 * @param state null: all that are not resolved
 * @param all also those that are resolved
 * @param dueWithinDays whose due date is at most so many days away, or passed
 * @param needsLetter only those whose owner must be written to before they become unclaimed property
 * @param after the last one of the page before
 */
public record CreditFilter(
        CreditBalance.@Nullable State state,
        boolean all,
        CreditClassification.@Nullable BelongsTo belongsTo,
        CreditClassification.@Nullable PayerClass payerClass,
        @Nullable Integer dueWithinDays,
        boolean needsLetter,
        @Nullable UUID after,
        int limit) {

    public static final int MAX_LIMIT = 200;

    public CreditFilter {
        limit = Math.clamp(limit, 1, MAX_LIMIT);
    }

    public static CreditFilter unresolved() {
        return new CreditFilter(null, false, null, null, null, false, null, MAX_LIMIT);
    }

    public boolean isRestricted() {
        return state != null || all || belongsTo != null || payerClass != null || dueWithinDays != null || needsLetter;
    }
}
