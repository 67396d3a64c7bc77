package io.remitflow.payments;

/** What an upper module does when a gateway reports that a refund of ours may have changed. */
public interface RefundNews {

    /**
     * Called once or more per reported change, in any order; the listener asks the gateway for the truth.
     *
     * @return whether the key belongs to a refund of the current organization
     */
    boolean refundMayHaveChanged(String provider, String idempotencyKey);
}
