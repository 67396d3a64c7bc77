package io.remitflow.remittance;

import java.util.Locale;

/** What was done with one claim of a remittance. */
public enum ClaimTreatment {
    POSTED,
    /** Not posted to its account; its money is in remittance suspense. */
    HELD,
    /** We have no such claim; its money is in remittance suspense. */
    UNIDENTIFIED,
    /** Nothing was posted: the whole remittance is held, or the payer only predicts. */
    NOT_POSTED;

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ClaimTreatment ofColumn(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
