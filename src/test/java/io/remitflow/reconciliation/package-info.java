@NullMarked
package io.remitflow.reconciliation;

import org.jspecify.annotations.NullMarked;
