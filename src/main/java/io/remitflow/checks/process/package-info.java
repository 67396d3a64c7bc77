@NullMarked
package io.remitflow.checks.process;

import org.jspecify.annotations.NullMarked;
