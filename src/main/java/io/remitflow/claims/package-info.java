/** Insurance payers, and the claims sent to them with what the payers answered. */
@ApplicationModule(allowedDependencies = {"core", "identity", "ledger", "receivables"})
@NullMarked
package io.remitflow.claims;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
