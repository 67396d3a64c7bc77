/** Electronic remittances (835): reading, balancing, duplicates, posting. */
@ApplicationModule(
        allowedDependencies = {
            "core",
            "identity",
            "intake",
            "workflow",
            "ui",
            "discrepancies",
            "ledger",
            "receivables",
            "claims",
            "payments",
            "refunds"
        })
@NullMarked
package io.remitflow.remittance;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
