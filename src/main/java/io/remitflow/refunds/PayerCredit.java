package io.remitflow.refunds;

import java.util.UUID;
import org.joda.money.Money;

/**
 * What a payer paid too much for a claim, as the books say now.
 *
 * @param left without what the payer took of it, or says that it will take; negative if that is more
 */
public record PayerCredit(UUID creditId, UUID claimId, String controlNumber, UUID accountId, UUID payerId, Money left) {

    /** As if the payer had not taken this much of it. */
    public PayerCredit plus(Money taken) {
        return new PayerCredit(creditId, claimId, controlNumber, accountId, payerId, left.plus(taken));
    }
}
