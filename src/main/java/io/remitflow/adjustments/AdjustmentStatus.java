package io.remitflow.adjustments;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a write-off stands. */
public enum AdjustmentStatus {
    PENDING,
    APPROVED,
    REJECTED,
    POSTED,
    REVERSED,
    CANCELLED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<AdjustmentStatus> ofKey(String key) {
        return Arrays.stream(values())
                .filter(status -> status.key().equals(key))
                .findFirst();
    }
}
