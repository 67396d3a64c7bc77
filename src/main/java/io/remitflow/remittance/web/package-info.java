/** Pages and REST resources of remittances. */
@NullMarked
package io.remitflow.remittance.web;

import org.jspecify.annotations.NullMarked;
