@NullMarked
package io.remitflow.adjustments;

import org.jspecify.annotations.NullMarked;
