package io.remitflow.billing;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who is billed. Insurance is billed with claims; its invoices exist for what other systems wrote. */
public enum InvoiceType {
    PATIENT,
    INSURANCE,
    SELF_PAY,
    INSTITUTIONAL;

    /** Those that people make. */
    public static List<InvoiceType> billable() {
        return List.of(PATIENT, SELF_PAY, INSTITUTIONAL);
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<InvoiceType> ofKey(String key) {
        return Arrays.stream(values()).filter(type -> type.key().equals(key)).findFirst();
    }
}
