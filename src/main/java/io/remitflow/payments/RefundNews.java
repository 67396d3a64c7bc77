package io.remitflow.payments;

import java.util.Optional;

/** What an upper module does when a gateway reports that a refund of ours may have changed. */
public interface RefundNews {

    /**
     * Called once or more per reported change, in any order and outside a transaction; the listener asks the gateway for
     * the truth.
     *
     * @return what follows from it, to be done in one transaction; empty: no refund of the current organization has the key
     * @throws CardGateway.GatewayUnavailable if the gateway cannot be asked now
     */
    Optional<Runnable> refundMayHaveChanged(String provider, String idempotencyKey);
}
