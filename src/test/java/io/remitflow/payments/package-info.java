@NullMarked
package io.remitflow.payments;

import org.jspecify.annotations.NullMarked;
