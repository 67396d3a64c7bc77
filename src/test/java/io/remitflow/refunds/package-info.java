@NullMarked
package io.remitflow.refunds;

import org.jspecify.annotations.NullMarked;
