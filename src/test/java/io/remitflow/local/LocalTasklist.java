package io.remitflow.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** Camunda's Tasklist as a process of its own, with the demo hospital's people as its users. */
public final class LocalTasklist implements AutoCloseable {

    /** Sign-in names here equal those of Remitflow, so that a completion in Tasklist carries a real name. */
    public static final List<String> USERS =
            List.of("clerk", "clerk2", "manager", "manager2", "cfo", "accounting", "admin", "analyst");

    public static final String PASSWORD = "demo";

    private static final String USER_INDEX = "tasklist-user-1.4.0_";

    private final LocalPorts ports;
    private final ChildProcess process;

    LocalTasklist(Path directory, LocalPorts ports) {
        this.ports = ports;
        this.process = new ChildProcess(
                "tasklist",
                directory,
                () -> command(directory, ports),
                () -> LocalHttp.answers(
                        "http://127.0.0.1:%d/actuator/health/readiness".formatted(ports.tasklistManagement())));
    }

    private static ProcessBuilder command(Path directory, LocalPorts ports) {
        var command = CamundaServer.command("tasklist", "-Xms192m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        command.environment()
                .put("CLASSPATH_PREFIX", CamundaServer.tasklistSchema(directory).toString());
        String openSearch = "http://127.0.0.1:" + ports.openSearch();
        Map<String, String> environment = command.environment();
        environment.put("SERVER_ADDRESS", "127.0.0.1");
        environment.put("SERVER_PORT", String.valueOf(ports.tasklist()));
        environment.put("MANAGEMENT_SERVER_ADDRESS", "127.0.0.1");
        environment.put("MANAGEMENT_SERVER_PORT", String.valueOf(ports.tasklistManagement()));
        environment.put("ZEEBE_GATEWAY_CLUSTER_HOST", "127.0.0.1");
        environment.put("ZEEBE_GATEWAY_CLUSTER_PORT", String.valueOf(ports.tasklistCluster()));
        environment.put("CAMUNDA_TASKLIST_DATABASE", "opensearch");
        environment.put("CAMUNDA_TASKLIST_OPENSEARCH_URL", openSearch);
        environment.put("CAMUNDA_TASKLIST_OPENSEARCH_NUMBEROFSHARDS", "1");
        environment.put("CAMUNDA_TASKLIST_ZEEBEOPENSEARCH_URL", openSearch);
        environment.put("CAMUNDA_TASKLIST_ZEEBE_GATEWAYADDRESS", "127.0.0.1:" + ports.brokerGrpc());
        environment.put("CAMUNDA_TASKLIST_ZEEBE_RESTADDRESS", "http://127.0.0.1:" + ports.brokerRest());
        environment.put("CAMUNDA_TASKLIST_CSRFPREVENTIONENABLED", "false");
        environment.put("CAMUNDA_TASKLIST_IMPORTER_READERBACKOFF", "500");
        environment.put("CAMUNDA_TASKLIST_IMPORTER_SCHEDULERBACKOFF", "500");
        environment.put("LOGGING_LEVEL_IO_CAMUNDA_TASKLIST_ZEEBEIMPORT", "ERROR");
        return command;
    }

    public void start() {
        process.start();
    }

    public void awaitHealthy() {
        process.awaitHealthy(Duration.ofMinutes(5));
        USERS.forEach(this::createUser);
    }

    ChildProcess process() {
        return process;
    }

    public String url() {
        return "http://127.0.0.1:" + ports.tasklist();
    }

    /** Adds a person, or sets the password again. */
    public void createUser(String username) {
        String password = "{bcrypt}" + new BCryptPasswordEncoder(4).encode(PASSWORD);
        LocalHttp.request(
                "PUT",
                "http://127.0.0.1:%d/%s/_doc/%s?refresh=true".formatted(ports.openSearch(), USER_INDEX, username),
                """
                {"id":"%1$s","userId":"%1$s","displayName":"%1$s","password":"%2$s","roles":["OPERATOR"]}""".formatted(username, password));
    }

    @Override
    public void close() {
        process.close();
    }
}
