@NullMarked
package io.remitflow.claims;

import org.jspecify.annotations.NullMarked;
