/** Pages and REST resources of bank accounts and statements. */
@NullMarked
package io.remitflow.bank.web;

import org.jspecify.annotations.NullMarked;
