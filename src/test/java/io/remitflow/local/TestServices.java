package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/** The services of this JVM's tests, each started once when the first test needs it, with throw-away data. */
public final class TestServices {

    private static @Nullable Path directory;
    private static @Nullable LocalPostgres postgres;

    private static @Nullable LocalStack stack;

    private TestServices() {}

    /** Everything; slow to start, so only for tests that need the engine. */
    public static synchronized LocalStack stack() {
        if (stack == null) {
            stack = LocalStack.forTests(directory(), postgres());
        }
        return stack;
    }

    public static synchronized LocalPostgres postgres() {
        if (postgres == null) {
            postgres = LocalPostgres.startOnFreePort(directory().resolve("postgres"));
        }
        return postgres;
    }

    /** Removed when this JVM ends, or by the next one if it was killed. */
    public static synchronized Path directory() {
        if (directory == null) {
            Path created = RunDirectory.create();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(created), "stop-test-services"));
            directory = created;
        }
        return directory;
    }

    private static void stop(Path directory) {
        if (stack != null) {
            stack.close();
        } else if (postgres != null) {
            postgres.close();
        }
        RunDirectory.stopChildrenIn(directory);
        RunDirectory.delete(directory);
    }

    private static Map<String, String> common(String kind) {
        Path files = directory().resolve(kind);
        try {
            Files.createDirectories(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var properties = new HashMap<>(postgres().properties());
        properties.put("remitflow.files.directory", files.toString());
        return properties;
    }

    /** PostgreSQL only; the engine's address is a closed port. */
    static final class Books implements ApplicationContextInitializer<ConfigurableApplicationContext> {

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            var properties = common("books");
            properties.put("camunda.client.grpc-address", "http://127.0.0.1:" + Ports.CLOSED);
            properties.put("camunda.client.rest-address", "http://127.0.0.1:" + Ports.CLOSED);
            TestPropertyValues.of(properties).applyTo(context);
        }
    }

    /** All services. */
    static final class All implements ApplicationContextInitializer<ConfigurableApplicationContext> {

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            var properties = common("all");
            properties.putAll(stack().properties());
            TestPropertyValues.of(properties).applyTo(context);
        }
    }
}
