/** Invoices to people and facilities, and the credit memos that reduce them. */
@ApplicationModule(allowedDependencies = {"core", "identity", "workflow", "ui", "ledger", "receivables"})
@NullMarked
package io.remitflow.billing;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
