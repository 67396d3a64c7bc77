package io.remitflow.payments;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a deposit consists of: banks take checks and cash on slips of their own. */
public enum DepositMethod {
    CHECK,
    CASH;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DepositMethod> ofKey(String key) {
        return Arrays.stream(values())
                .filter(method -> method.key().equals(key))
                .findFirst();
    }
}
