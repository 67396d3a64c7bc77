package io.remitflow.local;

import io.remitflow.Remitflow;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.ContextConfiguration;

/** The whole application on a database of a real PostgreSQL, with an engine that does not answer. */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({BooksDatabase.class, OneAtATime.class, Invariants.AfterEachCaseAndClass.class})
@SpringBootTest(classes = Remitflow.class, webEnvironment = WebEnvironment.RANDOM_PORT)
@ContextConfiguration(initializers = TestServices.Books.class)
@Invariants.AuditVerifies
public @interface BooksTest {}
