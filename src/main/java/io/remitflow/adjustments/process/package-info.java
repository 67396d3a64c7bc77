@NullMarked
package io.remitflow.adjustments.process;

import org.jspecify.annotations.NullMarked;
