package io.remitflow.ledger;

import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * An account of the chart.
 *
 * @param balance of all posted entries, in the direction in which the account normally stands
 */
public record Account(
        UUID id,
        String code,
        String name,
        AccountType type,
        @Nullable String subtype,
        @Nullable UUID parentId,
        boolean system,
        boolean active,
        @Nullable String description,
        Money balance) {

    /** The subtype of accounts whose lines must carry a {@link ClearingReference}. */
    public static final String CLEARING = "clearing";

    public boolean isClearing() {
        return CLEARING.equals(subtype);
    }
}
