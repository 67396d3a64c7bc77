package io.remitflow.billing;

import io.remitflow.ledger.StandardAccount;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where the services were given, which says whose revenue they are. */
public enum InvoiceSetting {
    INPATIENT(StandardAccount.REVENUE_INPATIENT),
    OUTPATIENT(StandardAccount.REVENUE_OUTPATIENT),
    EMERGENCY(StandardAccount.REVENUE_EMERGENCY);

    private final StandardAccount revenue;

    InvoiceSetting(StandardAccount revenue) {
        this.revenue = revenue;
    }

    StandardAccount revenue() {
        return revenue;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<InvoiceSetting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key))
                .findFirst();
    }
}
