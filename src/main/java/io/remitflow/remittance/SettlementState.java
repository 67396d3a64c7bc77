package io.remitflow.remittance;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where the money of one trace number stands. What only waits is no exception. */
public enum SettlementState {
    /** Announced for a day that has not come. */
    EXPECTED,
    /** One side is there, the other is within its time. */
    WAITING,
    /** The other side should be there by now. */
    LATE,
    /** The other side is asked for. */
    MISSING,
    /**
     * Both sides are there under one trace number, with different amounts: a person decides, there is no tolerance. If they
     * were equal before a remittance used the number again, its money has its time first.
     */
    MISMATCHED,
    /** Both sides are there and equal. */
    SETTLED,
    /** Neither side is left: the money was matched elsewhere, or it went back. */
    CLOSED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean over() {
        return this == SETTLED || this == CLOSED;
    }

    /** Whether a side is missing and a clock runs for it. */
    public boolean oneSided() {
        return this == EXPECTED || this == WAITING || this == LATE || this == MISSING;
    }

    static SettlementState ofKey(String key) {
        return find(key).orElseThrow();
    }

    public static Optional<SettlementState> find(String key) {
        return Arrays.stream(values()).filter(state -> state.key().equals(key)).findFirst();
    }
}
