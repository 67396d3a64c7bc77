package io.remitflow.bank;

import java.util.Locale;

/** The kinds of statement files that banks deliver. */
public enum BankFormat {
    BAI2("BAI2"),
    MT940("MT940"),
    CAMT053("CAMT.053"),
    OFX("OFX"),
    CSV("CSV");

    private final String title;

    BankFormat(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static BankFormat ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
