package io.remitflow.checks;

/** What a person should look at before a check is confirmed. */
public enum Doubt {
    NO_AMOUNT("The amount could not be read", true),
    PAYER_UNRECOGNIZED("No rule knows this payer: pick for whom it pays", true),
    PAYER_AMBIGUOUS("The rules say different things about this payer: pick for whom it pays", true),
    DUPLICATE("Payer, number and amount are those of another check", true),
    PRESENTED_TOO_LATE("It came back more than 180 days ago: no bank takes it again", true),
    TAKEN_AT_DESK("A check of this number and amount was taken at the desk: is it the same one?", false),
    AMOUNTS_DIFFER("Words and digits say different amounts; the words count", false),
    AMOUNT_OF_NOBODY("The amount is neither the one read in words nor the one in digits", false),
    LINES_DIFFER("The lines of the stub do not add up to the check", false),
    UNMATCHED_LINES("For a line no invoice is certain", false),
    STALE("It is stale: so old that the bank need not pay it", false),
    POST_DATED("Its date is in the future: it goes to the bank no earlier", false),
    UNSIGNED("No signature was seen", false),
    OTHER_PAYEE("It is made out to somebody else", false),
    TWO_PARTY("It is made out to somebody beside us: both have to endorse it", false),
    FULL_SETTLEMENT(
            "The memo says that it pays everything: keeping it may settle the debt, unless it is repaid within 90 days",
            false),
    UNSURE("The reader was not sure", false);

    private final String text;
    private final boolean blocking;

    Doubt(String text, boolean blocking) {
        this.text = text;
        this.blocking = blocking;
    }

    public String text() {
        return text;
    }

    /** Whether it has to be cleared up; the others have to be seen. */
    public boolean isBlocking() {
        return blocking;
    }
}
