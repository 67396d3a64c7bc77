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

/** The whole application with all its services: PostgreSQL, the Camunda broker with a controlled clock, Tasklist. */
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({OneAtATime.class, Invariants.AfterEachCaseAndClass.class})
@SpringBootTest(classes = Remitflow.class, webEnvironment = WebEnvironment.RANDOM_PORT)
@ContextConfiguration(initializers = TestServices.All.class)
@LeftProcesses.Cancelled
@Invariants.AuditVerifies
public @interface RemitflowTest {}
