@NullMarked
package io.remitflow.billing.web;

import org.jspecify.annotations.NullMarked;
