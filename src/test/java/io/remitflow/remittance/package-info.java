@NullMarked
package io.remitflow.remittance;

import org.jspecify.annotations.NullMarked;
