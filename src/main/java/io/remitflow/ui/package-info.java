/** The shell of the pages: layout, navigation, home, inbox, operations, and how refusals and errors are shown. */
@ApplicationModule(allowedDependencies = {"core", "identity", "intake", "workflow"})
@NullMarked
package io.remitflow.ui;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
