@NullMarked
package io.remitflow.payments.web;

import org.jspecify.annotations.NullMarked;
