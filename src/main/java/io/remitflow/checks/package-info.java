/** Paper checks: scanned packets, their reading, what they pay, and the confirmation that books them. */
@ApplicationModule(
        allowedDependencies = {
            "core",
            "identity",
            "intake",
            "workflow",
            "ui",
            "ledger",
            "receivables",
            "billing",
            "payments"
        })
@NullMarked
package io.remitflow.checks;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
