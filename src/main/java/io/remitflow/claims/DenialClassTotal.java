package io.remitflow.claims;

import java.util.List;
import org.joda.money.Money;

/**
 * The open denials of one class.
 *
 * @param denialClass {@code untriaged} until the rule was asked
 * @param open what payers still owe of it
 * @param aging {@code open} by days since the denial: 0-30, 31-60, 61-90, 91-120, more
 * @param limitSoon how many have an appeal limit within 14 days, or past, and nothing at the payer
 */
public record DenialClassTotal(String denialClass, long count, Money open, List<Money> aging, long limitSoon) {

    public DenialClassTotal {
        aging = List.copyOf(aging);
    }
}
