@NullMarked
package io.remitflow.refunds.web;

import org.jspecify.annotations.NullMarked;
