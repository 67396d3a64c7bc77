/** The books: chart of accounts, journal, fiscal periods, clearing references and cost centers. */
@ApplicationModule(allowedDependencies = {"core", "identity", "ui"})
@NullMarked
package io.remitflow.ledger;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
