@NullMarked
package io.remitflow.remittance.process;

import org.jspecify.annotations.NullMarked;
