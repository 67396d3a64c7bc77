package io.remitflow.adjustments;

import java.time.Instant;
import org.joda.money.Money;

/** How many adjustments stand in a status, what they add up to in one currency, and since when the oldest was asked for. */
public record AdjustmentTotal(AdjustmentStatus status, long count, Money amount, Instant oldest) {}
