package io.remitflow.receivables;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Arrays;
import java.util.Locale;

/** Where a patient account stands. A closed account takes no new charges; money that arrives late is still recorded. */
public enum AccountStatus {
    ACTIVE,
    SUSPENDED,
    COLLECTIONS,
    CLOSED,
    DECEASED;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws RuleViolation ({@link Refusal#INVALID_INPUT}) if there is no such status */
    public static AccountStatus ofKey(String key) {
        return Arrays.stream(values())
                .filter(status -> status.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "there is no account status " + key));
    }
}
