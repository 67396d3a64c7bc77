/** Every file received from outside: its original bytes once, what became of it, and how routes treat what they fetch. */
@ApplicationModule(allowedDependencies = {"core", "identity"})
@NullMarked
package io.remitflow.intake;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
