@NullMarked
package io.remitflow.checks.feed;

import org.jspecify.annotations.NullMarked;
