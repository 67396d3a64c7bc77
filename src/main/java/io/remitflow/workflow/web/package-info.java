/** Process diagrams for the pages. */
@NullMarked
package io.remitflow.workflow.web;

import org.jspecify.annotations.NullMarked;
