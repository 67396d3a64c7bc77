package io.remitflow.remittance;

import java.util.List;

/**
 * Outcome of the balancing of one transaction.
 *
 * @param imbalances reasons to hold the transaction, the first {@value #KEPT} in order of the file
 * @param warnings what a biller should know but does not stop posting, the first {@value #KEPT}
 * @param imbalanceCount of all, also those not kept
 * @param warningCount of all, also those not kept
 */
public record Balance(List<Imbalance> imbalances, List<Imbalance> warnings, int imbalanceCount, int warningCount) {

    /** Bound on what is kept of a file that is wrong throughout. */
    public static final int KEPT = 200;

    public Balance {
        imbalances = List.copyOf(imbalances);
        warnings = List.copyOf(warnings);
    }

    public boolean isBalanced() {
        return imbalanceCount == 0;
    }
}
