@NullMarked
package io.remitflow.intake;

import org.jspecify.annotations.NullMarked;
