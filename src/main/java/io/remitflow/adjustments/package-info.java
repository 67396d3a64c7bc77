/** Write-offs, discounts and corrections of what is owed, and their approval. */
@ApplicationModule(
        allowedDependencies = {
            "core",
            "identity",
            "workflow",
            "ui",
            "ledger",
            "receivables",
            "billing",
            "claims",
            "payments"
        })
@NullMarked
package io.remitflow.adjustments;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
