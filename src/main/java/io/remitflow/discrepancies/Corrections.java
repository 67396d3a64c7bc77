package io.remitflow.discrepancies;

/** Declared for the module that sees adjustments: a discrepancy is corrected by a posted one only. */
public interface Corrections {

    /** Whether there is a posted adjustment with this number. */
    boolean isPosted(String adjustmentNumber);
}
