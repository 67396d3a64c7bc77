/** Whether the books agree with what is behind them: receivables, payers, gateways, and the way of any amount. */
@ApplicationModule(
        allowedDependencies = {
            "core",
            "identity",
            "workflow",
            "ui",
            "discrepancies",
            "ledger",
            "bank",
            "receivables",
            "billing",
            "claims",
            "payments",
            "adjustments"
        })
@NullMarked
package io.remitflow.reconciliation;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
