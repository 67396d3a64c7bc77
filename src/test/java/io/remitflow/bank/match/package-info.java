@NullMarked
package io.remitflow.bank.match;

import org.jspecify.annotations.NullMarked;
