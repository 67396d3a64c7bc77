package io.remitflow.reconciliation;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** matched / (internal or provider records), with two decimals. */
final class MatchedPercent {

    private MatchedPercent() {}

    /** Rounded down, so that 100.00 means that nothing differs; of nothing, 100.00. */
    static String of(long matched, long records) {
        return records == 0
                ? "100.00"
                : BigDecimal.valueOf(matched)
                        .multiply(BigDecimal.valueOf(100))
                        .divide(BigDecimal.valueOf(records), 2, RoundingMode.DOWN)
                        .toPlainString();
    }
}
