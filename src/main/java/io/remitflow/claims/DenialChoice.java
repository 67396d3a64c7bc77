package io.remitflow.claims;

import java.util.Locale;
import java.util.Optional;

/** What somebody can do with a denial. */
public enum DenialChoice {
    CORRECT("Correct the claim and send it again"),
    APPEAL("Appeal"),
    WRITE_OFF("Write off"),
    BILL_PATIENT("Bill the patient"),
    CLOSE("Close: nothing is open");

    private final String words;

    DenialChoice(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DenialChoice> ofKey(String key) {
        return java.util.Arrays.stream(values())
                .filter(choice -> choice.key().equals(key))
                .findFirst();
    }
}
