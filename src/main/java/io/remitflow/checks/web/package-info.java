/** Pages and REST resources of paper checks. */
@NullMarked
package io.remitflow.checks.web;

import org.jspecify.annotations.NullMarked;
