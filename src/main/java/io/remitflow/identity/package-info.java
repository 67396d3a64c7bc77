/** Organizations and their row security, people with their roles and permissions, settings, and the audit log. */
@ApplicationModule(allowedDependencies = {"core"})
@NullMarked
package io.remitflow.identity;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
