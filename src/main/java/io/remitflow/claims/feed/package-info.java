@NullMarked
package io.remitflow.claims.feed;

import org.jspecify.annotations.NullMarked;
