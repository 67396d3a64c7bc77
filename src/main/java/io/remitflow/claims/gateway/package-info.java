@NullMarked
package io.remitflow.claims.gateway;

import org.jspecify.annotations.NullMarked;
