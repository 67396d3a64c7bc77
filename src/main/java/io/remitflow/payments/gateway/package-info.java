@NullMarked
package io.remitflow.payments.gateway;

import org.jspecify.annotations.NullMarked;
