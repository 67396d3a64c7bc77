/** Decision tables as analysts work on them: drafts, checks, test cases, replays of past decisions and releases. */
@ApplicationModule(allowedDependencies = {"core", "identity", "workflow", "ui"})
@NullMarked
package io.remitflow.rules;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
