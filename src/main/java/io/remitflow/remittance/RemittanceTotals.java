package io.remitflow.remittance;

import org.joda.money.Money;

/** What a list of remittances adds up to; duplicates do not count as money. */
public record RemittanceTotals(
        long count, long posted, long held, long review, Money paid, Money suspense, Money denied) {}
