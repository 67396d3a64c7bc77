/** Reads the bytes of an 835 as a stream of transactions and claims. */
@NullMarked
package io.remitflow.remittance.feed;

import org.jspecify.annotations.NullMarked;
