/** The engine: deployment, outbox to messages and tasks, worker support, human tasks, decision record, timeline. */
@ApplicationModule(allowedDependencies = {"core", "identity"})
@NullMarked
package io.remitflow.workflow;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
