package io.remitflow.ledger;

/** Where on the way of money something stands, in the order in which people read it. */
public enum MoneyStage {
    FILE("File"),
    DOCUMENT("Document"),
    POSTING("Journal entry"),
    CLEARING("Clearing"),
    CASH("Cash and bank"),
    PERIOD("Period");

    private final String title;

    MoneyStage(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
