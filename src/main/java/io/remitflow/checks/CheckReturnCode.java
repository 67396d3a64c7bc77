package io.remitflow.checks;

/** Why a bank returns a check. */
public enum CheckReturnCode {
    NSF("not sufficient funds", true),
    UNCOLLECTED("uncollected funds", true),
    CLOSED_ACCOUNT("the account is closed", false),
    STOP_PAYMENT("payment was stopped", false),
    REFER_TO_MAKER("refer to maker", false),
    STALE_DATED("stale dated", false),
    SIGNATURE("signature missing or irregular", false),
    ALTERED("altered or fictitious", false),
    DUPLICATE_PRESENTMENT("presented twice", false);

    private final String text;
    private final boolean representable;

    CheckReturnCode(String text, boolean representable) {
        this.text = text;
        this.representable = representable;
    }

    public String text() {
        return text;
    }

    /** Whether the same check may be presented again. */
    public boolean isRepresentable() {
        return representable;
    }
}
