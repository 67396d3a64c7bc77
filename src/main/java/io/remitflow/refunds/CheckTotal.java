package io.remitflow.refunds;

import org.joda.money.Money;

/** How many checks are in a state, and their sum. */
public record CheckTotal(RefundCheck.State state, long count, Money amount) {}
