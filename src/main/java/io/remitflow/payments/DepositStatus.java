package io.remitflow.payments;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a deposit stands. */
public enum DepositStatus {
    /** Nothing is booked before a second person verified it. */
    PREPARED,
    /** On its way to the bank. */
    VERIFIED,
    /** The bank has it: nothing is left under its reference. */
    CREDITED,
    CANCELLED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DepositStatus> ofKey(String key) {
        return Arrays.stream(values())
                .filter(status -> status.key().equals(key))
                .findFirst();
    }
}
