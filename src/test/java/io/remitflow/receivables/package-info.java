@NullMarked
package io.remitflow.receivables;

import org.jspecify.annotations.NullMarked;
