package io.remitflow.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.PostgreSQLContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * The services in containers, for people with Docker: {@code -Dremitflow.stack=containers}. PostgreSQL as in production,
 * and Camunda 8.9, which keeps what its Tasklist shows in a PostgreSQL of its own.
 */
final class LocalContainers implements AutoCloseable {

    private static final DockerImageName POSTGRES = DockerImageName.parse("postgres:17");
    private static final DockerImageName CAMUNDA = DockerImageName.parse("camunda/camunda:8.9.17");

    private final Path data;
    private final List<GenericContainer<?>> running = new ArrayList<>();

    LocalContainers(Path data) {
        this.data = data;
    }

    /** Returns the application's settings for the started containers. */
    Map<String, String> start(LocalPorts ports, Consumer<String> progress) {
        progress.accept("Starting PostgreSQL in a container (downloads " + POSTGRES + " the first time)");
        var postgres = new Database("remitflow", "postgres", "postgres", ports.postgres());
        keep(postgres, "containers/postgres");
        postgres.withCopyFileToContainer(
                MountableFile.forHostPath("docker/postgres/10-roles.sh", 0755),
                "/docker-entrypoint-initdb.d/10-roles.sh");
        postgres.withEnv("REMITFLOW_DB_OWNER_PASSWORD", LocalPostgres.PASSWORD);
        postgres.withEnv("REMITFLOW_DB_PASSWORD", LocalPostgres.PASSWORD);
        start(postgres);

        progress.accept("Starting Camunda in a container (downloads " + CAMUNDA + " the first time)");
        var secondary = new Database("camunda_secondary", "camunda", "camunda", 0);
        keep(secondary, "containers/postgres-camunda");
        secondary.withNetworkAliases("postgres-camunda").withNetwork(org.testcontainers.containers.Network.SHARED);
        start(secondary);
        var camunda = new GenericContainer<>(CAMUNDA)
                .withNetwork(org.testcontainers.containers.Network.SHARED)
                .withExposedPorts(8080, 26500, 9600)
                .withCopyFileToContainer(
                        MountableFile.forHostPath("docker/camunda/application.yaml"),
                        "/usr/local/camunda/config/application.yaml")
                .withEnv("CAMUNDA_DATA_SECONDARY_STORAGE_RDBMS_PASSWORD", "camunda")
                .withEnv("CAMUNDA_DEMO_PASSWORD", "demo")
                .withEnv("CAMUNDA_APPLICATION_PASSWORD", "remitflow")
                .withEnv(users())
                .withFileSystemBind(
                        directory("containers/camunda").toString(), "/usr/local/camunda/data", BindMode.READ_WRITE)
                .waitingFor(Wait.forHttp("/actuator/health/status")
                        .forPort(9600)
                        .withStartupTimeout(Duration.ofMinutes(5)));
        camunda.setPortBindings(List.of(ports.tasklist() + ":8080", ports.brokerGrpc() + ":26500"));
        start(camunda);

        var settings = new HashMap<String, String>();
        settings.put("spring.datasource.url", postgres.getJdbcUrl());
        settings.put("spring.datasource.username", LocalPostgres.APPLICATION);
        settings.put("spring.datasource.password", LocalPostgres.PASSWORD);
        settings.put("spring.flyway.user", LocalPostgres.OWNER);
        settings.put("spring.flyway.password", LocalPostgres.PASSWORD);
        String host = "http://" + camunda.getHost() + ":";
        settings.put("camunda.client.grpc-address", host + camunda.getMappedPort(26500));
        settings.put("camunda.client.rest-address", host + camunda.getMappedPort(8080));
        settings.put("camunda.client.auth.method", "basic");
        settings.put("camunda.client.auth.username", "remitflow");
        settings.put("camunda.client.auth.password", "remitflow");
        settings.put("remitflow.camunda.task-api", "orchestration-v2");
        progress.accept("Camunda's Tasklist: " + host + camunda.getMappedPort(8080) + "/tasklist");
        return settings;
    }

    /** The people of the demo hospital, beside the two of {@code application.yaml}: a list given here replaces that one. */
    private static Map<String, String> users() {
        var users = new HashMap<String, String>();
        List<String> names = Stream.concat(Stream.of("demo", "remitflow"), LocalTasklist.USERS.stream())
                .toList();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            String user = "CAMUNDA_SECURITY_INITIALIZATION_USERS_%d_".formatted(i);
            users.put(user + "USERNAME", name);
            users.put(user + "PASSWORD", name.equals("remitflow") ? "remitflow" : LocalTasklist.PASSWORD);
            users.put(user + "NAME", name);
            users.put(user + "EMAIL", name + "@example.org");
        }
        return users;
    }

    private void start(GenericContainer<?> container) {
        running.add(container);
        container.start();
    }

    private void keep(PostgreSQLContainer<?> container, String directory) {
        container.withFileSystemBind(directory(directory).toString(), "/var/lib/postgresql/data", BindMode.READ_WRITE);
    }

    private Path directory(String name) {
        Path directory = data.resolve(name);
        if (!directory.toFile().isDirectory() && !directory.toFile().mkdirs()) {
            throw new IllegalStateException("cannot create " + directory);
        }
        return directory;
    }

    @Override
    public void close() {
        running.reversed().forEach(GenericContainer::stop);
    }

    /** PostgreSQL, on a port that people can rely on if one is given. */
    private static final class Database extends PostgreSQLContainer<Database> {

        Database(String database, String user, String password, int port) {
            super(POSTGRES);
            withDatabaseName(database).withUsername(user).withPassword(password);
            if (port != 0) {
                addFixedExposedPort(port, POSTGRESQL_PORT);
            }
        }
    }
}
