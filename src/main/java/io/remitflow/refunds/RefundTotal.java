package io.remitflow.refunds;

import java.time.Instant;
import org.joda.money.Money;

/** How many refunds stand in a status, and what they add up to in one currency. */
public record RefundTotal(RefundStatus status, long count, Money amount, Instant oldest) {}
