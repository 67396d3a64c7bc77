/** Statement files: how they come in and how each format is read. */
@NullMarked
package io.remitflow.bank.feed;

import org.jspecify.annotations.NullMarked;
