@NullMarked
package io.remitflow.ledger;

import org.jspecify.annotations.NullMarked;
