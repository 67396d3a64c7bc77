package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The Camunda broker as a process of its own: the real server, reachable from this machine only. */
public final class LocalBroker implements AutoCloseable {

    private final LocalPorts ports;
    private final ChildProcess process;

    /** @param controlledClock whether tests may move its time forward */
    LocalBroker(Path directory, LocalPorts ports, boolean controlledClock) {
        this.ports = ports;
        this.process = new ChildProcess(
                "broker",
                directory,
                () -> command(directory, ports, controlledClock),
                () -> LocalHttp.answers(
                        "http://127.0.0.1:%d/actuator/health/readiness".formatted(ports.brokerManagement())));
    }

    private static ProcessBuilder command(Path directory, LocalPorts ports, boolean controlledClock) {
        Path data = directory.resolve("broker");
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new UncheckedIOException("no directory for the broker", e);
        }
        var command = CamundaServer.command("broker", "-Xms256m -Xmx640m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        Map<String, String> environment = command.environment();
        environment.put("SERVER_ADDRESS", "127.0.0.1");
        environment.put("SERVER_PORT", String.valueOf(ports.brokerRest()));
        environment.put("MANAGEMENT_SERVER_ADDRESS", "127.0.0.1");
        environment.put("MANAGEMENT_SERVER_PORT", String.valueOf(ports.brokerManagement()));
        environment.put("ZEEBE_BROKER_NETWORK_HOST", "127.0.0.1");
        environment.put("ZEEBE_BROKER_NETWORK_COMMANDAPI_PORT", String.valueOf(ports.brokerCommand()));
        environment.put("ZEEBE_BROKER_NETWORK_INTERNALAPI_PORT", String.valueOf(ports.brokerInternal()));
        environment.put("ZEEBE_BROKER_GATEWAY_NETWORK_HOST", "127.0.0.1");
        environment.put("ZEEBE_BROKER_GATEWAY_NETWORK_PORT", String.valueOf(ports.brokerGrpc()));
        environment.put("ZEEBE_BROKER_DATA_DIRECTORY", data.toString());
        environment.put("ZEEBE_BROKER_DATA_LOGSEGMENTSIZE", "16MB");
        environment.put("ZEEBE_BROKER_DATA_SNAPSHOTPERIOD", "5m");
        environment.put("ZEEBE_BROKER_DATA_DISK_FREESPACE_PROCESSING", "500MB");
        environment.put("ZEEBE_BROKER_DATA_DISK_FREESPACE_REPLICATION", "300MB");
        environment.put("ZEEBE_CLOCK_CONTROLLED", String.valueOf(controlledClock));
        String exporter = "ZEEBE_BROKER_EXPORTERS_OPENSEARCH_";
        environment.put(exporter + "CLASSNAME", "io.camunda.zeebe.exporter.opensearch.OpensearchExporter");
        environment.put(exporter + "ARGS_URL", "http://127.0.0.1:" + ports.openSearch());
        // A person waits for the task that this shows: soon, but in bulks when there is much.
        environment.put(exporter + "ARGS_BULK_DELAY", "1");
        environment.put(exporter + "ARGS_BULK_SIZE", "50");
        environment.put(exporter + "ARGS_INDEX_NUMBEROFSHARDS", "1");
        environment.put(exporter + "ARGS_INDEX_NUMBEROFREPLICAS", "0");
        return command;
    }

    public void start() {
        process.start();
    }

    public void awaitHealthy() {
        process.awaitHealthy(Duration.ofMinutes(5));
    }

    /** No goodbye; its data stays. */
    public void kill() {
        process.kill();
    }

    public boolean isHealthy() {
        return process.isHealthy();
    }

    public long pid() {
        return process.pid();
    }

    ChildProcess process() {
        return process;
    }

    public String grpcAddress() {
        return "http://127.0.0.1:" + ports.brokerGrpc();
    }

    public String restAddress() {
        return "http://127.0.0.1:" + ports.brokerRest();
    }

    /** Moves the engine's time forward, for timers. Only with a controlled clock; never moves back. */
    public void advance(Duration duration) {
        LocalHttp.request(
                "POST",
                "http://127.0.0.1:%d/actuator/clock/add".formatted(ports.brokerManagement()),
                "{\"offsetMilli\": %d}".formatted(duration.toMillis()));
    }

    @Override
    public void close() {
        process.close();
    }
}
