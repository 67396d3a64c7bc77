@NullMarked
package io.remitflow.reconciliation.process;

import org.jspecify.annotations.NullMarked;
