package io.remitflow.payments;

import java.util.Locale;

/** How far a payout is, for people. */
public enum PayoutStanding {
    /** The gateway has not told all its transactions yet. */
    COLLECTING,
    /** Its transactions do not add up or are not in our currency: nothing was posted. */
    HELD,
    /** Announced for a day that has not come. */
    EXPECTED,
    /** The bank's side is within its time. */
    WAITING,
    /** The bank's side should be there by now. */
    LATE,
    /** The bank or the gateway has to be asked. */
    MISSING,
    /** The bank brought it. */
    SETTLED,
    /** It failed or was cancelled, and no later payout has carried the money yet. */
    FAILED,
    /** It failed or was cancelled, and the money has gone on. */
    RETURNED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
