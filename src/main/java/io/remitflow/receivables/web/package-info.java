@NullMarked
package io.remitflow.receivables.web;

import org.jspecify.annotations.NullMarked;
