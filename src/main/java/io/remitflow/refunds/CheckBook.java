package io.remitflow.refunds;

import java.util.UUID;

/**
 * A bank account of ours that checks are drawn on.
 *
 * @param staleDays after so many days an uncashed check is stale
 * @param main whether refunds are paid from it
 */
public record CheckBook(UUID id, String code, String name, long nextNumber, int staleDays, boolean main) {}
