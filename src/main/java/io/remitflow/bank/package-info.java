/** Bank accounts, what banks say about them (statements and their lines), and what each line is matched with. */
@ApplicationModule(
        allowedDependencies = {
            "core",
            "identity",
            "intake",
            "ui",
            "ledger",
            "checks",
            "payments",
            "refunds",
            "remittance"
        })
@NullMarked
package io.remitflow.bank;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
