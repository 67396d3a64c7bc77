package io.remitflow.refunds;

import io.remitflow.refunds.CreditClassification.BelongsTo;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Unresolved credits of one owner, in the organization's currency.
 *
 * @param belongsTo null: nobody knows yet
 * @param overdue what should be back already
 * @param byAge found 0-30, 31-60, 61-90, 91-120 and more than 120 days ago
 * @param byDaysLeft overdue, due within 7, 30 and 60 days, and later
 */
public record CreditAging(
        @Nullable BelongsTo belongsTo,
        long count,
        Money total,
        Money overdue,
        List<Money> byAge,
        List<Money> byDaysLeft) {}
