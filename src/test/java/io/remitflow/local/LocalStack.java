package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** All services Remitflow needs, as one thing that starts and stops. */
public final class LocalStack implements AutoCloseable {

    private static final long LEAST_DISK_MB = 2_000;

    private final LocalPorts ports;
    private final Path directory;
    private final LocalPostgres postgres;
    private final LocalOpenSearch openSearch;
    private final LocalBroker broker;
    private final LocalTasklist tasklist;

    private LocalStack(
            LocalPorts ports,
            Path directory,
            LocalPostgres postgres,
            LocalOpenSearch openSearch,
            LocalBroker broker,
            LocalTasklist tasklist) {
        this.ports = ports;
        this.directory = directory;
        this.postgres = postgres;
        this.openSearch = openSearch;
        this.broker = broker;
        this.tasklist = tasklist;
    }

    public String openSearchUrl() {
        return "http://127.0.0.1:" + ports.openSearch();
    }

    /** For tests: free ports, an engine whose time can be moved. */
    static LocalStack forTests(Path directory, LocalPostgres postgres) {
        return start(directory, LocalPorts.free(), postgres, true, progress -> {});
    }

    /** For people: fixed ports, data that survives, services that come back when they die. */
    static LocalStack forPeople(Path directory, LocalPorts ports, Consumer<String> progress) {
        stopLeftovers(directory);
        ports.requireFree();
        requireDisk(directory, LEAST_DISK_MB);
        progress.accept("Starting PostgreSQL on port " + ports.postgres());
        LocalPostgres postgres = LocalPostgres.start(directory.resolve("postgres"), ports.postgres());
        try {
            LocalStack stack = start(directory, ports, postgres, false, progress);
            postgres.supervised();
            stack.openSearch.process().supervised();
            stack.broker.process().supervised();
            stack.tasklist.process().supervised();
            return stack;
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    private static LocalStack start(
            Path directory,
            LocalPorts ports,
            LocalPostgres postgres,
            boolean controlledClock,
            Consumer<String> progress) {
        LocalJava.home();
        var openSearch = new LocalOpenSearch(directory, ports.openSearch(), ports.openSearchTransport());
        var broker = new LocalBroker(directory, ports, controlledClock);
        var tasklist = new LocalTasklist(directory, ports);
        var stack = new LocalStack(ports, directory, postgres, openSearch, broker, tasklist);
        try {
            progress.accept("Starting OpenSearch on port " + ports.openSearch());
            openSearch.start();
            progress.accept("Starting the Camunda broker on port " + ports.brokerGrpc());
            broker.start();
            openSearch.awaitHealthy();
            progress.accept("OpenSearch is ready; starting Tasklist on port " + ports.tasklist());
            tasklist.start();
            broker.awaitHealthy();
            progress.accept("The broker is ready");
            tasklist.awaitHealthy();
            progress.accept("Tasklist is ready");
            return stack;
        } catch (RuntimeException e) {
            stack.closeEngine();
            throw e;
        }
    }

    /** Stops what an earlier run that was killed left running in this directory. */
    static void stopLeftovers(Path directory) {
        ChildProcess.stopLeftovers(directory);
        LocalPostgres.stopLeftover(directory.resolve("postgres"));
    }

    static void requireDisk(Path directory, long leastMb) {
        try {
            Files.createDirectories(directory);
            long freeMb = Files.getFileStore(directory).getUsableSpace() / 1_000_000;
            if (freeMb < leastMb) {
                throw new IllegalStateException(
                        "Only %d MB are free for %s; Remitflow needs %d MB.".formatted(freeMb, directory, leastMb));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + directory, e);
        }
    }

    public LocalPostgres postgres() {
        return postgres;
    }

    public LocalBroker broker() {
        return broker;
    }

    public LocalTasklist tasklist() {
        return tasklist;
    }

    LocalOpenSearch openSearch() {
        return openSearch;
    }

    public LocalPorts ports() {
        return ports;
    }

    Path directory() {
        return directory;
    }

    /** The application's settings for these services. */
    public Map<String, String> properties() {
        var properties = new HashMap<>(postgres.properties());
        properties.put("camunda.client.grpc-address", broker.grpcAddress());
        properties.put("camunda.client.rest-address", broker.restAddress());
        properties.put("remitflow.camunda.tasklist.url", tasklist.url());
        properties.put("remitflow.camunda.tasklist.username", "demo");
        properties.put("remitflow.camunda.tasklist.password", "demo");
        return properties;
    }

    private void closeEngine() {
        tasklist.close();
        broker.close();
        openSearch.close();
    }

    @Override
    public void close() {
        closeEngine();
        postgres.close();
    }
}
