package io.remitflow.discrepancies;

import java.util.List;
import org.joda.money.Money;

/** The unresolved ones of a type in one currency: how many, how much, and how much by age (0-2, 3-7, 8-30, over 30 days). */
public record DiscrepancyTotal(DiscrepancyType type, long count, long overdue, Money difference, List<Money> aging) {}
