package io.remitflow.discrepancies;

import java.util.Optional;

/** Declared for the module that sees adjustments: a discrepancy is corrected by a posted one only. */
public interface Corrections {

    /**
     * Why this adjustment does not correct the discrepancy, in words; empty if it does. It stays locked until the transaction
     * ends, so that it corrects one discrepancy only.
     */
    Optional<String> refusal(Discrepancy discrepancy, String adjustmentNumber);
}
