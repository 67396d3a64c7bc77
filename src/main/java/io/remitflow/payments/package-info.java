/** Payments of patients, the card gateways that carry them, and the events that gateways send. */
@ApplicationModule(
        allowedDependencies = {"core", "identity", "workflow", "ui", "ledger", "receivables", "billing", "claims"})
@NullMarked
package io.remitflow.payments;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
