/** Sign-in and the rules of access for every path, and the pages for people, settings and the audit log. */
@NullMarked
package io.remitflow.identity.web;

import org.jspecify.annotations.NullMarked;
