/** What all benchmarks share. */
@org.jspecify.annotations.NullMarked
package io.remitflow.benchmark;
