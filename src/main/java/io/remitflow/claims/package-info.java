/** Insurance payers, the claims sent to them with what the payers answered, and denials as cases. */
@ApplicationModule(allowedDependencies = {"core", "identity", "workflow", "ui", "ledger", "receivables"})
@NullMarked
package io.remitflow.claims;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
