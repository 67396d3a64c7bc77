package io.remitflow.receivables;

import org.joda.money.Money;

/** What insurance and patient owe for one claim; negative is a credit. */
public record ClaimBalance(Money insurance, Money patient) {}
