/** Pages and REST resources of the ledger. */
@NullMarked
package io.remitflow.ledger.web;

import org.jspecify.annotations.NullMarked;
