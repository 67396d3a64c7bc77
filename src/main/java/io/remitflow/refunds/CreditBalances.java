package io.remitflow.refunds;

import java.util.UUID;
import org.springframework.stereotype.Service;

/** Claims for which a patient paid more than is owed, as cases. */
@Service
public class CreditBalances {

    /**
     * Opens, updates or closes the case of a claim after its patient balance changed; negative means a credit.
     *
     * <p>Called in the transaction that changed the balance.
     */
    public void claimSettled(UUID accountId, UUID claimId) {
        throw new UnsupportedOperationException();
    }
}
