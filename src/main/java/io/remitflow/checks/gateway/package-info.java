/** Readers of checks that are somebody else's service. */
@NullMarked
package io.remitflow.checks.gateway;

import org.jspecify.annotations.NullMarked;
