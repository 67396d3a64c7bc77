package io.remitflow.payments;

import java.util.UUID;
import org.joda.money.Money;

/** What an upper module does when a cardholder disputes a payment. */
public interface DisputeNews {

    /**
     * Called in the transaction that notes the dispute, before the payment is locked: refunds of the payment that no longer
     * fit beside it are to be stopped.
     *
     * @param disputed how much of the payment disputes claim from now on
     */
    void claimed(UUID paymentId, Money disputed);

    /** Called in the transaction in which the patient owes money again, or no longer, because a dispute was decided. */
    void decided(Payment payment);
}
