package io.remitflow.discrepancies;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How a discrepancy ended. None of them changes the books. */
public enum DiscrepancyResolution {
    /** A later run found that the records agree: nobody has to say so. */
    MATCHED("The records agree now"),
    EXPLAINED("Explained, nothing to correct"),
    PROVIDER_CORRECTED("Corrected at the provider"),
    CORRECTED("Corrected by an adjustment");

    private final String words;

    DiscrepancyResolution(String words) {
        this.words = words;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String words() {
        return words;
    }

    /** What a person can choose. */
    public static List<DiscrepancyResolution> choices() {
        return List.of(EXPLAINED, PROVIDER_CORRECTED, CORRECTED);
    }

    public static Optional<DiscrepancyResolution> ofKey(String key) {
        return Arrays.stream(values())
                .filter(resolution -> resolution.key().equals(key))
                .findFirst();
    }
}
