package io.remitflow.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/**
 * A real PostgreSQL server with the durability of production and the two roles the application expects: the owner of
 * the tables, who only migrates, and the application, which owns nothing.
 */
public final class LocalPostgres implements AutoCloseable {

    public static final String DATABASE = "remitflow";
    public static final String OWNER = "remitflow_owner";
    public static final String APPLICATION = "remitflow_app";
    public static final String PASSWORD = "remitflow";

    /** The library starts PostgreSQL as a toy: without these a crash loses commits. */
    static final Map<String, String> DURABLE =
            Map.of("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on");

    private static final Logger log = LoggerFactory.getLogger(LocalPostgres.class);
    private static final int MOST_RESTARTS = 10;

    private final Path dataDirectory;
    private final int port;
    private final Map<String, String> durability;

    private volatile String database = DATABASE;
    private EmbeddedPostgres server;
    private boolean closed;
    private int restarts;

    private LocalPostgres(Path dataDirectory, int port, Map<String, String> durability) throws IOException {
        this.dataDirectory = dataDirectory;
        this.port = port;
        this.durability = durability;
        this.server = launch();
    }

    static {
        // Says every step of starting a server; what fails comes as an exception.
        LoggingSystem.get(LocalPostgres.class.getClassLoader()).setLogLevel("io.zonky", LogLevel.WARN);
    }

    /** Starts on the data of an earlier run, if the directory holds any. */
    public static LocalPostgres start(Path dataDirectory, int port) {
        return start(dataDirectory, port, DURABLE);
    }

    /** @param durability {@link #DURABLE}, or nothing to see what that is good for */
    static LocalPostgres start(Path dataDirectory, int port, Map<String, String> durability) {
        stopLeftover(dataDirectory);
        try {
            Files.createDirectories(dataDirectory.toAbsolutePath().getParent());
            var postgres = new LocalPostgres(dataDirectory, port, durability);
            postgres.createRoles();
            postgres.createDatabase();
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL did not start on port " + port + " in " + dataDirectory, e);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL started, but its roles could not be created", e);
        }
    }

    private EmbeddedPostgres launch() throws IOException {
        var builder = EmbeddedPostgres.builder()
                .setDataDirectory(dataDirectory.toAbsolutePath())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("max_connections", "200")
                .setServerConfig("shared_buffers", "128MB")
                .setServerConfig("timezone", "UTC");
        durability.forEach(builder::setServerConfig);
        return builder.start();
    }

    /** Starts it again whenever it ends without having been stopped. */
    LocalPostgres supervised() {
        postmaster(dataDirectory).ifPresent(process -> {
            var unused = process.onExit().thenRun(this::ended);
        });
        return this;
    }

    private void ended() {
        // Its other processes notice and end as well; until then they hold the shared memory.
        Processes.pause(Duration.ofSeconds(1));
        if (!ChildProcess.nothingIsRestarted()) {
            replace();
        }
    }

    private synchronized void replace() {
        if (closed) {
            return;
        }
        if (restarts++ >= MOST_RESTARTS) {
            log.error("PostgreSQL in {} ended too often and stays down", dataDirectory);
            return;
        }
        log.warn("PostgreSQL ended and is started again");
        try {
            server.close();
            server = launch();
            supervised();
        } catch (IOException | RuntimeException e) {
            log.error("PostgreSQL in {} could not be started again", dataDirectory, e);
        }
    }

    /** A server with empty data on a free port. */
    public static LocalPostgres startOnFreePort(Path dataDirectory) {
        return start(dataDirectory, Ports.free());
    }

    /** From now on everything here is about that database of this server, which is created if it does not exist. */
    synchronized void use(String name) {
        database = name;
        try {
            createDatabase();
        } catch (SQLException e) {
            throw new IllegalStateException("the database " + name + " could not be created", e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port(), database);
    }

    /** The application's settings for this server. */
    public Map<String, String> properties() {
        return Map.of(
                "spring.datasource.url", url(),
                "spring.datasource.username", APPLICATION,
                "spring.datasource.password", PASSWORD,
                "spring.flyway.user", OWNER,
                "spring.flyway.password", PASSWORD);
    }

    /** Sees every row of every organization: for checks and for breaking things on purpose. */
    public synchronized DataSource superuser() {
        return server.getDatabase("postgres", database);
    }

    /** Of the processors, by all its processes that still run. */
    public Duration cpuTime() {
        return postmaster(dataDirectory).stream()
                .flatMap(first -> Stream.concat(Stream.of(first), first.descendants()))
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** All its processes at once, without a goodbye; {@link #start} on the same directory and port goes on. */
    public synchronized void kill() {
        // The first process first, or it would recover by itself when it sees the others die.
        postmaster(dataDirectory).ifPresent(first -> {
            List<ProcessHandle> others = first.descendants().toList();
            first.destroyForcibly();
            others.forEach(ProcessHandle::destroyForcibly);
            Processes.ends(first, Duration.ofSeconds(10));
            others.forEach(process -> Processes.ends(process, Duration.ofSeconds(10)));
        });
        close();
    }

    /** What {@code pg_ctl stop -m immediate} does: all its processes end at once, and the next start recovers. */
    synchronized void stopImmediately() {
        postmaster(dataDirectory).ifPresent(first -> {
            Processes.signal(first.pid(), "QUIT");
            Processes.ends(first, Duration.ofSeconds(10));
        });
        close();
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL did not stop", e);
        }
    }

    /** A server outlives a JVM that was killed; it is asked to finish, then waited for. */
    static void stopLeftover(Path dataDirectory) {
        postmaster(dataDirectory).ifPresent(process -> Processes.stop(process, Duration.ofSeconds(10)));
        try {
            Files.deleteIfExists(pidFile(dataDirectory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Optional<ProcessHandle> postmaster(Path dataDirectory) {
        Path pidFile = pidFile(dataDirectory);
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        try {
            long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
            return ProcessHandle.of(pid)
                    .filter(process -> process.info().command().orElse("").contains("postgres"));
        } catch (IOException | NumberFormatException e) {
            throw new IllegalStateException("cannot read " + pidFile, e);
        }
    }

    private static Path pidFile(Path dataDirectory) {
        return dataDirectory.resolve("postmaster.pid");
    }

    private void createRoles() throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            for (String role : new String[] {OWNER, APPLICATION}) {
                statement.execute("""
                        do $$ begin
                            create role %1$s login password '%2$s' nosuperuser nobypassrls nocreatedb nocreaterole;
                        exception when duplicate_object then null;
                        end $$""".formatted(role, PASSWORD));
            }
        }
    }

    private void createDatabase() throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            try (var found = statement.executeQuery("select from pg_database where datname = '" + database + "'")) {
                if (found.next()) {
                    return;
                }
            }
            statement.execute("create database %s owner %s".formatted(database, OWNER));
            statement.execute("revoke temporary on database %s from public".formatted(database));
        }
    }
}
