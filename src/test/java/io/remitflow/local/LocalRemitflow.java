package io.remitflow.local;

import io.remitflow.Remitflow;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/**
 * Remitflow with everything around it, by one command: {@code mvn spring-boot:test-run}.
 *
 * <p>{@code -Dremitflow.local.reset=true} starts with empty data; {@code -Dremitflow.stack=containers} uses Docker for the
 * services.
 */
public final class LocalRemitflow {

    private static final Instant STARTED = Instant.now();

    private static @Nullable FileLock oneRunAtATime;

    private LocalRemitflow() {}

    public static void main(String[] args) {
        var started = new ArrayList<AutoCloseable>();
        try {
            run(args, started);
        } catch (IOException | RuntimeException e) {
            stop(started);
            say("");
            say("Remitflow did not start: " + e.getMessage());
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                say("  because: " + cause.getMessage());
            }
            say("Logs and data: " + data());
            System.exit(1);
        }
    }

    private static void run(String[] args, List<AutoCloseable> started) throws IOException {
        LocalPorts ports = LocalPorts.fixed();
        Path data = data();
        say("Remitflow is starting. Its data: " + data);
        LocalJava.home();
        takeTurn(data);
        if (Boolean.getBoolean("remitflow.local.reset")) {
            say("Removing the data of earlier runs, as asked");
            LocalStack.stopLeftovers(data);
            removeContents(data);
        }
        var settings = new HashMap<String, String>();
        if ("containers".equals(System.getProperty("remitflow.stack"))) {
            var containers = new LocalContainers(data);
            started.add(containers);
            settings.putAll(containers.start(ports, LocalRemitflow::say));
        } else {
            LocalStack stack = LocalStack.forPeople(data, ports, LocalRemitflow::say);
            started.add(stack);
            settings.putAll(stack.properties());
        }
        for (LocalPartner partner : LocalPartners.all()) {
            say("Starting " + partner.name() + " on port " + partner.port(ports));
            partner.start(partner.port(ports));
            started.add(partner);
        }
        settings.putAll(LocalSettings.of(ports.partners(), ClaimMdStandIn.LOCAL_PORT));
        Files.createDirectories(LocalPartners.inbox());
        settings.put("remitflow.files.directory", LocalDirectories.root().toString());
        settings.put("remitflow.claimmd.poll-every", "10s");
        // While the broker replays what it did before, each worker would print what the Operations page shows once.
        settings.put("logging.level.io.camunda.client.job.poller", "error");
        settings.put("server.port", String.valueOf(ports.application()));
        settings.put("server.address", "127.0.0.1");
        // What was given on the command line wins.
        settings.forEach((name, value) -> System.getProperties().putIfAbsent(name, value));

        say("Starting Remitflow on port " + ports.application());
        // Runs when the application has stopped, so that its last transactions find their database.
        SpringApplication.getShutdownHandlers().add(() -> stop(started));
        ConfigurableApplicationContext application = SpringApplication.run(Remitflow.class, args);
        say("Loading the demo hospital");
        LocalPartners.loadDemo(application);
        greet(ports);
    }

    private static void greet(LocalPorts ports) {
        long seconds = Duration.between(STARTED, Instant.now()).toSeconds();
        say("""

                ------------------------------------------------------------------------------
                Remitflow is ready after %d s.

                  Remitflow        http://localhost:%d
                  Tasklist         http://localhost:%d
                  Inbox for 835s   %s
                                   copy a file of samples/835 there, or upload it on the page
                  Claim.MD         http://localhost:%d/services/  (stand-in; one remittance waits there)
                  PostgreSQL       localhost:%d, database %s, user postgres

                  Sign in as       %s
                  Password         %s  (the same in Tasklist)

                Data is kept in .local and survives a restart. Ctrl+C stops everything.
                ------------------------------------------------------------------------------
                """.formatted(
                        seconds,
                        ports.application(),
                        ports.tasklist(),
                        LocalPartners.inbox(),
                        ClaimMdStandIn.LOCAL_PORT,
                        ports.postgres(),
                        LocalPostgres.DATABASE,
                        String.join(", ", LocalTasklist.USERS),
                        LocalTasklist.PASSWORD));
    }

    /** Without this a second run would take the first one's services for leftovers. */
    private static void takeTurn(Path data) throws IOException {
        Files.createDirectories(data);
        FileChannel channel =
                FileChannel.open(data.resolveSibling("run.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        oneRunAtATime = channel.tryLock();
        if (oneRunAtATime == null) {
            throw new IllegalStateException("another run uses " + data + ". Stop it first.");
        }
    }

    private static void removeContents(Path data) throws IOException {
        FileSystemUtils.deleteRecursively(data);
        Files.createDirectories(data);
    }

    private static void stop(List<AutoCloseable> started) {
        ChildProcess.restartNothingAnymore();
        for (AutoCloseable service : started.reversed()) {
            try {
                service.close();
            } catch (Exception e) {
                say("could not be stopped: " + e.getMessage());
            }
        }
    }

    private static Path data() {
        return LocalDirectories.root().resolve("data");
    }

    private static void say(String text) {
        System.out.println(text);
    }
}
