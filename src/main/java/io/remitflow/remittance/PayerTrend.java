package io.remitflow.remittance;

import java.util.List;
import org.joda.money.Money;

/**
 * What one payer paid lately with posted remittances.
 *
 * @param weeks sums of seven days each in minor units, the oldest first, the last one ends today
 */
public record PayerTrend(String payerIdentifier, String payerName, long remittances, Money paid, List<Long> weeks) {

    public PayerTrend {
        weeks = List.copyOf(weeks);
    }
}
