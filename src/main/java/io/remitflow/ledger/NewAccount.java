package io.remitflow.ledger;

import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;

/**
 * An account an organization adds to its chart.
 *
 * @param currency the organization's own if not given
 */
public record NewAccount(
        String code,
        String name,
        AccountType type,
        @Nullable String subtype,
        @Nullable UUID parentId,
        @Nullable String description,
        @Nullable CurrencyUnit currency) {}
