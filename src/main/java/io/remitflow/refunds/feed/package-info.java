/** What Camel routes call with files that reached us. */
@NullMarked
package io.remitflow.refunds.feed;

import org.jspecify.annotations.NullMarked;
