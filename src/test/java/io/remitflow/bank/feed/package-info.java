@NullMarked
package io.remitflow.bank.feed;

import org.jspecify.annotations.NullMarked;
