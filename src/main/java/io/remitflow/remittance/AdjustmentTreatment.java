package io.remitflow.remittance;

import java.util.Locale;

/** What an adjustment of a payer means for the books. */
public enum AdjustmentTreatment {
    /** Written off, because the contract says so. */
    CONTRACTUAL("written off under the contract"),
    /** Owed by the patient from now on. */
    PATIENT("moved to the patient"),
    /** Stays open at the payer: somebody has to appeal, correct or write off. */
    DENIED("denied, stays open"),
    /** What an earlier payer did; it is in the books already. */
    OTHER_PAYER("explained by an earlier payer"),
    /** Stays open until somebody looked at it. */
    REVIEW("stays open for review");

    private final String words;

    AdjustmentTreatment(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static AdjustmentTreatment ofColumn(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
