@NullMarked
package io.remitflow.billing;

import org.jspecify.annotations.NullMarked;
