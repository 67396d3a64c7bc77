package io.remitflow.local;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.test.context.TestPropertySource;

/** {@link BooksTest} whose payment gateways keep silent on purpose: they are given up on soon, and left alone for long. */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@BooksTest
@TestPropertySource(properties = {"remitflow.payments.deadline=2s", "remitflow.payments.breaker-pause=1h"})
public @interface ImpatientBooksTest {}
