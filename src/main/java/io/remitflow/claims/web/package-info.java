@NullMarked
package io.remitflow.claims.web;

import org.jspecify.annotations.NullMarked;
