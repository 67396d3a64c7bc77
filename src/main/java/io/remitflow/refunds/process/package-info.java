@NullMarked
package io.remitflow.refunds.process;

import org.jspecify.annotations.NullMarked;
