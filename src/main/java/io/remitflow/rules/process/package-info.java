@NullMarked
package io.remitflow.rules.process;

import org.jspecify.annotations.NullMarked;
