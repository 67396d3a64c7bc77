/** How files reach the bank. */
@NullMarked
package io.remitflow.refunds.gateway;

import org.jspecify.annotations.NullMarked;
