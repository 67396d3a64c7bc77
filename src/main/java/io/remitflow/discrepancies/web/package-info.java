@NullMarked
package io.remitflow.discrepancies.web;

import org.jspecify.annotations.NullMarked;
