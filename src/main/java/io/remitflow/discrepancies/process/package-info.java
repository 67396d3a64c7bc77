@NullMarked
package io.remitflow.discrepancies.process;

import org.jspecify.annotations.NullMarked;
