package io.remitflow.claims;

import java.util.Locale;

/** How a denial ended. */
public enum DenialClosing {
    PAID("Answered by the payer: nothing stays open"),
    DENIED_AGAIN("Denied again: the work goes on under a new number"),
    WRITTEN_OFF("Written off"),
    BILLED_TO_PATIENT("Billed to the patient"),
    DUPLICATE("A duplicate of a claim that is paid"),
    NOTHING_OPEN("Nothing of it was open any more"),
    REPLACED("A corrected claim took the place of this one"),
    VOIDED("The claim was voided");

    private final String words;

    DenialClosing(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static DenialClosing ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
