@NullMarked
package io.remitflow.rules.web;

import org.jspecify.annotations.NullMarked;
