@NullMarked
package io.remitflow.workflow;

import org.jspecify.annotations.NullMarked;
