/** Electronic remittances (835): reading, balancing, duplicates, posting. */
@ApplicationModule(allowedDependencies = {"core", "identity"})
@NullMarked
package io.remitflow.remittance;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
