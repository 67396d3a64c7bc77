/** Which bank lines belong to which records of ours: pure, without a database. */
@NullMarked
package io.remitflow.bank.match;

import org.jspecify.annotations.NullMarked;
