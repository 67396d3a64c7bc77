package io.remitflow.remittance;

import java.util.Locale;

/** Why a person has to look at an open item. */
public enum TakebackProblem {
    FORWARD_BALANCE_UNKNOWN("The payer takes back a balance, but no earlier remittance carried one forward. "
            + "Find the missing remittance, or ask the payer which one it means."),
    FORWARD_BALANCES_NOT_MERGED("The payer carried a new balance forward without taking back the one before. "
            + "Both are kept as one item; ask the payer whether it still claims both."),
    MORE_THAN_OPEN("The payer takes back more than was open. Ask it what the rest is for."),
    NOT_ANNOUNCED("The payer took this without announcing it in an earlier remittance. "
            + "Find the claim it belongs to and set it against its credit, or dispute it."),
    ADVANCE_UNKNOWN("The payer takes back an advance that no remittance of ours shows."),
    REFUND_ALONE("The payer confirms a refund of ours, but does not recover it in the same payment: "
            + "find the refund it means, and why the money came back."),
    RETURNED_UNEXPECTEDLY("The payer gives back what it had not withheld from any payment of ours."),
    CODE_UNEXPLAINED("The code does not say what the money is for: it waits in suspense until the payer explains it.");

    private final String text;

    TakebackProblem(String text) {
        this.text = text;
    }

    /** What is wrong and what to do. */
    public String text() {
        return text;
    }

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static TakebackProblem ofColumn(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
