/** Everything Remitflow needs around it on a developer's machine: databases, engine, partners, and the tests' start-up. */
@NullMarked
package io.remitflow.local;

import org.jspecify.annotations.NullMarked;
