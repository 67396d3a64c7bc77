/** Controllers of the shell, and the one place where refusals become answers. */
@NullMarked
package io.remitflow.ui.web;

import org.jspecify.annotations.NullMarked;
