package io.remitflow.checks;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a check stands. Nothing is booked before it is confirmed. */
public enum CheckStatus {
    NEEDS_REVIEW,
    CONFIRMED,
    REJECTED,
    /** It turned out to be part of another check of its packet. */
    MERGED,
    /** The bank did not pay it. */
    RETURNED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<CheckStatus> ofKey(String key) {
        return Arrays.stream(values())
                .filter(status -> status.key().equals(key))
                .findFirst();
    }
}
