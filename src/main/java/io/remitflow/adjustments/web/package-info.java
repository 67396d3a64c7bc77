@NullMarked
package io.remitflow.adjustments.web;

import org.jspecify.annotations.NullMarked;
