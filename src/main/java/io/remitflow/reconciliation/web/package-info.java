@NullMarked
package io.remitflow.reconciliation.web;

import org.jspecify.annotations.NullMarked;
