package io.remitflow.discrepancies;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a discrepancy stands. Assigning it keeps the status; a resolved one can be opened again with a reason. */
public enum DiscrepancyStatus {
    OPEN,
    ACKNOWLEDGED,
    RESOLVED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DiscrepancyStatus> ofKey(String key) {
        return Arrays.stream(values())
                .filter(status -> status.key().equals(key))
                .findFirst();
    }
}
