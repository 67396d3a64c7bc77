/** Differences between records that should agree, as cases: subject, amount, owner, deadline, resolution. */
@ApplicationModule(allowedDependencies = {"core", "identity", "workflow", "ui"})
@NullMarked
package io.remitflow.discrepancies;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
