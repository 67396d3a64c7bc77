/** Ids, refusals and amounts: what every module speaks. Depends on nothing, not even Spring. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.remitflow.core;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
