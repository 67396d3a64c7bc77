package io.remitflow.remittance;

import java.util.Locale;

/** What became of a remittance as a whole. */
public enum RemittanceState {
    /** In the books; single claims may still be held. */
    POSTED,
    /** Nothing of it is in the books until somebody decided. */
    HELD,
    /** Nothing of it is in the books until somebody has looked at it and approved it. */
    REVIEW,
    /** Somebody looked at it and decided that nothing of it is posted. */
    REJECTED,
    /** It was in the books until somebody took it back as a whole. */
    REVERSED,
    /** Received before; nothing was posted a second time. */
    DUPLICATE;

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static RemittanceState ofColumn(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
