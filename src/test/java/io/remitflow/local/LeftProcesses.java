package io.remitflow.local;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Cancels what a class of tests left running in the engine. When a later one moves the engine's clock by weeks, all of it
 * would escalate at once, over which the importer of Tasklist 8.6.0 stumbles for good.
 */
final class LeftProcesses implements AfterAllCallback {

    /** Below Spring's own annotation: then the application is still there when a class has ended. */
    @Inherited
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @ExtendWith(LeftProcesses.class)
    @interface Cancelled {}

    private static final Logger log = LoggerFactory.getLogger(LeftProcesses.class);

    private static final Set<Long> SEEN = ConcurrentHashMap.newKeySet();

    @Override
    public void afterAll(ExtensionContext context) {
        var engine = SpringExtension.getApplicationContext(context).getBean(CamundaClient.class);
        List<Long> left = JdbcClient.create(TestServices.postgres().superuser())
                .sql("select process_instance_key from workflow_process_instances where ended_at is null")
                .query(Long.class)
                .list()
                .stream()
                .filter(SEEN::add)
                .toList();
        int cancelled = 0;
        for (long instance : left) {
            try {
                engine.newCancelInstanceCommand(instance).send().join();
                cancelled++;
            } catch (ClientException e) {
                log.debug("{} is over since, or the class took the engine away", instance, e);
            }
        }
        log.info("{} of {} processes cancelled that the tests left", cancelled, left.size());
    }
}
