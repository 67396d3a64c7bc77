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

    /** What the daily trigger of reconciliations asks for. */
    public static final String DAILY_TOKEN = "a-token-of-the-tests-only";

    private static final int PARTNER_PORT = Ports.free();
    private static final int CLAIMMD_PORT = Ports.free();

    private static @Nullable Path directory;
    private static @Nullable LocalPostgres postgres;
    private static @Nullable LocalStack stack;
    private static @Nullable ClaimMdStandIn claimMd;

    private TestServices() {}

    public static synchronized LocalPostgres postgres() {
        if (postgres == null) {
            postgres = LocalPostgres.startOnFreePort(directory().resolve("postgres"));
        }
        return postgres;
    }

    /** Everything; slow to start, so only for tests that need the engine. */
    public static synchronized LocalStack stack() {
        if (stack == null) {
            stack = LocalStack.forTests(directory(), postgres());
        }
        return stack;
    }

    /** Where the application of every test expects the card gateway's stand-in; nothing listens until a test starts it. */
    public static int partnerPort() {
        return PARTNER_PORT;
    }

    /** Shared by all tests: each has an account key of its own. */
    public static synchronized ClaimMdStandIn claimMd() {
        if (claimMd == null) {
            claimMd = new ClaimMdStandIn();
            claimMd.start(CLAIMMD_PORT);
        }
        return claimMd;
    }

    /** Where the application of a kind of test ({@code books}, {@code all}) looks for files. */
    public static Path files(String kind) {
        try {
            return Files.createDirectories(directory().resolve("files").resolve(kind));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Below it, in {@code <organization code>/era}, that application looks for remittances. */
    public static Path inbox(String kind) {
        return files(kind).resolve("inbox");
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

    /** What the application needs besides an engine. */
    static Map<String, String> properties(String kind) {
        var properties = new HashMap<>(postgres().properties());
        properties.putAll(LocalSettings.of(PARTNER_PORT, CLAIMMD_PORT));
        // Tests poll when they want to know.
        properties.put("remitflow.claimmd.first-poll-after", "1h");
        properties.put("remitflow.workflow.look-for-lost-after", "P1D");
        properties.put("remitflow.outbox.first-poll-after", "1h");
        properties.put("remitflow.claimmd.retry-pause", "5ms");
        properties.put("remitflow.claimmd.read-timeout", "2s");
        properties.put("remitflow.claimmd.ask-again-after", "0s");
        properties.put("remitflow.claimmd.requests-per-minute", "6000");
        properties.put("remitflow.reconciliation.daily-token", DAILY_TOKEN);
        properties.put("remitflow.files.directory", files(kind).toString());
        // Some tests take the engine away; a stack trace of each worker every few seconds would bury what matters.
        properties.put("logging.level.io.camunda.client.job.poller", "off");
        properties.put("logging.level.org.apache.hc.client5.http.impl.async.AsyncHttpRequestRetryExec", "warn");
        return properties;
    }

    static Map<String, String> closedEngine() {
        String nobody = "http://127.0.0.1:" + Ports.CLOSED;
        return Map.of(
                "camunda.client.grpc-address", nobody,
                "camunda.client.rest-address", nobody,
                "remitflow.camunda.tasklist.url", nobody);
    }

    /** PostgreSQL only; the engine's address is a closed port. */
    public static final class Books implements ApplicationContextInitializer<ConfigurableApplicationContext> {

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            var properties = properties("books");
            properties.putAll(closedEngine());
            // Workers would only knock at the closed door and fill the log.
            properties.put("camunda.client.worker.defaults.enabled", "false");
            TestPropertyValues.of(properties).applyTo(context);
            LogWatch.begin();
        }
    }

    /** All services. */
    static final class All implements ApplicationContextInitializer<ConfigurableApplicationContext> {

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            var properties = properties("all");
            properties.putAll(stack().properties());
            TestPropertyValues.of(properties).applyTo(context);
            LogWatch.begin();
        }
    }
}
