package io.remitflow.discrepancies;

import java.util.Arrays;
import java.util.Optional;

/** What does not agree; in the order of precedence. */
public enum DiscrepancyType {
    MISSING_INTERNAL_RECORD("MissingInternalRecord", "Missing in our books"),
    MISSING_PROVIDER_RECORD("MissingProviderRecord", "Missing at the provider"),
    CURRENCY_MISMATCH("CurrencyMismatch", "Another currency"),
    AMOUNT_MISMATCH("AmountMismatch", "Another amount"),
    STATUS_MISMATCH("StatusMismatch", "Another status"),
    DUPLICATE_CHARGE_SUSPECTED("DuplicateChargeSuspected", "Charged twice?");

    private final String key;
    private final String words;

    DiscrepancyType(String key, String words) {
        this.key = key;
        this.words = words;
    }

    public String key() {
        return key;
    }

    public String words() {
        return words;
    }

    public static Optional<DiscrepancyType> ofKey(String key) {
        return Arrays.stream(values()).filter(type -> type.key.equals(key)).findFirst();
    }
}
