package io.remitflow.payments;

import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;

/** Payments of patients: recorded and booked in one transaction, refunded never beyond what was paid. */
@Service
public class Payments {

    /** Books the payment at once; the same gateway transaction again returns the first payment. */
    public UUID record(NewPayment payment) {
        throw new UnsupportedOperationException();
    }

    public Payment get(UUID id) {
        throw new UnsupportedOperationException();
    }

    public List<Payment> ofAccount(UUID accountId) {
        throw new UnsupportedOperationException();
    }

    public List<Payment> ofClaim(UUID claimId) {
        throw new UnsupportedOperationException();
    }

    /** Paid, less refunded, less disputed. Refunds under way are not known here. */
    public Money refundable(UUID id) {
        throw new UnsupportedOperationException();
    }

    /** The payment with its row locked until the transaction ends. */
    public Payment lock(UUID id) {
        throw new UnsupportedOperationException();
    }
}
