/** Refunds with their approval, and credit balances as cases. */
@ApplicationModule(
        allowedDependencies = {
            "core",
            "identity",
            "intake",
            "workflow",
            "ui",
            "ledger",
            "discrepancies",
            "receivables",
            "claims",
            "payments"
        })
@NullMarked
package io.remitflow.refunds;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
