package io.remitflow.checks;

import org.joda.money.Money;

/** How many checks stand there, and what they are worth. */
public record CheckTotal(CheckStatus status, long checks, Money amount) {}
