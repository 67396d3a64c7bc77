package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Closes the client of the engine, but does not wait for it forever.
 *
 * <p>In version 8.8.14 a stream of jobs that breaks while its executor is shut down dies with its lock held, and closing the
 * client waits for that lock: an application whose engine is away would never stop.
 */
@Configuration(proxyBeanMethods = false)
class EngineFarewell {

    private static final Logger log = LoggerFactory.getLogger(EngineFarewell.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Spring would call {@code close} itself, and wait. */
    @Bean
    static BeanFactoryPostProcessor closeTheClientOurselves() {
        return beans -> {
            for (String name : beans.getBeanNamesForType(CamundaClient.class, true, false)) {
                beans.getBeanDefinition(name).setDestroyMethodName("");
            }
        };
    }

    @Bean
    DisposableBean closeClient(CamundaClient engine) {
        return () -> {
            Thread closing =
                    Thread.ofPlatform().daemon().name("engine-farewell").start(engine::close);
            if (!closing.join(PATIENCE)) {
                log.warn(
                        "The client of the engine could not be closed in {}; its connections end with the process",
                        PATIENCE);
            }
        };
    }
}
