@NullMarked
package io.remitflow.rules;

import org.jspecify.annotations.NullMarked;
