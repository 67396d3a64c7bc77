/** What patients and their insurance owe: accounts, their transactions, balances and aging. */
@ApplicationModule(allowedDependencies = {"core", "identity", "ui"})
@NullMarked
package io.remitflow.receivables;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
