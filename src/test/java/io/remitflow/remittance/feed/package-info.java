/** Reading, balancing and generating 835 files. */
@NullMarked
package io.remitflow.remittance.feed;

import org.jspecify.annotations.NullMarked;
