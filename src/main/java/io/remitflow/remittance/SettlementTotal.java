package io.remitflow.remittance;

import org.joda.money.Money;

/** How many settlements are in a state, and the money they are about: the larger side of each. */
public record SettlementTotal(SettlementState state, long count, Money amount) {}
