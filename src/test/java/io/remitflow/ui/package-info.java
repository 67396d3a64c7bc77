@NullMarked
package io.remitflow.ui;

import org.jspecify.annotations.NullMarked;
