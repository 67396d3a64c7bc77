@NullMarked
package io.remitflow.claims.process;

import org.jspecify.annotations.NullMarked;
