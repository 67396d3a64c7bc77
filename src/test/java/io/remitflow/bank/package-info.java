@NullMarked
package io.remitflow.bank;

import org.jspecify.annotations.NullMarked;
