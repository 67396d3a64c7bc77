package io.remitflow.receivables;

import org.joda.money.Money;

/** Number and sums of the accounts that a filter selects, all pages together. */
public record AccountTotals(long count, Money balance, Money insurance, Money patient) {}
