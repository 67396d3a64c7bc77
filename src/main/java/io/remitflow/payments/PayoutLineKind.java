package io.remitflow.payments;

import java.util.Locale;

/** What a transaction on the balance at a gateway came from. */
public enum PayoutLineKind {
    PAYMENT,
    REFUND,
    /** Money that a dispute took or gave back. */
    DISPUTE,
    /** What the gateway charges besides the fees of single payments. */
    FEE,
    /** An earlier payout that did not reach the bank and is on the balance again. */
    RETURNED_PAYOUT,
    OTHER;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static PayoutLineKind ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
