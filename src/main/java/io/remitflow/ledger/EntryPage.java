package io.remitflow.ledger;

import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Some entries of a longer list, newest first, without their lines.
 *
 * @param count how many entries the filter finds in all
 * @param totals what all of them add up to, per currency
 * @param next where the next page begins; nothing on the last one
 */
public record EntryPage(
        List<JournalEntry> entries,
        long count,
        List<Money> totals,
        @Nullable String next) {}
