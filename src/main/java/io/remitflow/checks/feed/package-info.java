/** What Camel routes call with scanned checks. */
@NullMarked
package io.remitflow.checks.feed;

import org.jspecify.annotations.NullMarked;
