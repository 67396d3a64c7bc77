@NullMarked
package io.remitflow.checks;

import org.jspecify.annotations.NullMarked;
