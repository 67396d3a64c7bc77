package io.remitflow.ledger;

import java.util.Locale;

/** How far something on the way of money is; the later ones want to be noticed more. */
public enum MoneyState {
    /** Taken back, voided, refused: nothing follows from it any more. */
    UNDONE,
    /** Done, and nothing is open. */
    SETTLED,
    /** Announced for a day that has not come. */
    EXPECTED,
    /** Open, within its time. */
    WAITING,
    /** Should be done by now. */
    LATE,
    /** Both sides are there and differ, or were refused. */
    MISMATCHED,
    /** Asked for. */
    MISSING;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
