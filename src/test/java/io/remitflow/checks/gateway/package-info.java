@NullMarked
package io.remitflow.checks.gateway;

import org.jspecify.annotations.NullMarked;
