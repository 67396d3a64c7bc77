package io.remitflow.reconciliation;

import java.util.Locale;

/** Why an entry and the rows of the subledger that belong to it do not add up to the same. */
public enum ReceivablesBreakCause {
    LEDGER_ONLY("Only in the ledger", "Posted to the control account, but to no patient account."),
    SUBLEDGER_ONLY(
            "Entry elsewhere", "Recorded on patient accounts, but its entry has no line on either control account."),
    WITHOUT_ENTRY("Without an entry", "Recorded on a patient account without any journal entry."),
    WRONG_ACCOUNT(
            "Wrong control account",
            "The amounts agree, but stand as insurance on one side and as patient on the other."),
    AMOUNT("Amounts differ", "Entry and rows belong together, but do not add up to the same."),
    CUTOFF("Dates differ", "The amounts agree, but one side is dated up to this day and the other after it.");

    private final String title;
    private final String explanation;

    ReceivablesBreakCause(String title, String explanation) {
        this.title = title;
        this.explanation = explanation;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String title() {
        return title;
    }

    public String explanation() {
        return explanation;
    }

    static ReceivablesBreakCause ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
