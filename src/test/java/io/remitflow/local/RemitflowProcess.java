package io.remitflow.local;

import io.remitflow.Remitflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The application as a process of its own, so that a test can end it without a goodbye and start it again. */
public final class RemitflowProcess implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final int port;
    private final Path log;
    private final ChildProcess process;

    private RemitflowProcess(int port, Path log, ChildProcess process) {
        this.port = port;
        this.log = log;
        this.process = process;
    }

    /** With exactly these settings, for a test that has services of its own. */
    static RemitflowProcess create(Map<String, String> settings) {
        int port = Ports.free();
        String name = "remitflow-" + NUMBER.incrementAndGet();
        var properties = new HashMap<>(settings);
        properties.put("server.port", String.valueOf(port));
        properties.put("server.address", "127.0.0.1");
        Path directory = TestServices.directory();
        var process = new ChildProcess(
                name,
                directory,
                () -> LocalJava.run(Remitflow.class, options(directory, name, properties), List.of()),
                () -> LocalHttp.answers("http://127.0.0.1:%d/actuator/health/readiness".formatted(port)));
        return new RemitflowProcess(port, directory.resolve(name + ".log"), process);
    }

    private static List<String> options(Path directory, String name, Map<String, String> properties) {
        var options = new ArrayList<String>();
        options.add("-Xmx512m");
        options.add("-XX:+UseSerialGC");
        options.add("-XX:TieredStopAtLevel=1");
        options.add("-Dmanagement.endpoint.health.probes.enabled=true");
        // In a file: a password in the arguments would be visible to every user of the machine.
        Path file = directory.resolve(name + ".properties");
        try {
            var lines = properties.entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + entry.getValue().replace("\\", "\\\\"))
                    .toList();
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        options.add("-Dspring.config.additional-location=file:" + file);
        return options;
    }

    /** Returns when it is ready for requests. */
    public RemitflowProcess start() {
        process.start();
        process.awaitHealthy(Duration.ofMinutes(3));
        return this;
    }

    /** Without a goodbye, wherever it is in its work. */
    public void kill() {
        process.kill();
    }

    /** Lets it finish what it does. */
    public void stop() {
        process.stop();
    }

    /** Asks it to stop, as an operating system does. */
    void terminate() {
        Processes.signal(pid(), "TERM");
    }

    /** @return its exit code */
    int awaitEnd(Duration patience) {
        return process.awaitEnd(patience);
    }

    public boolean isRunning() {
        return process.isRunning();
    }

    public long pid() {
        return process.pid();
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /** What it wrote so far, over all its starts. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it without a goodbye: tests are in a hurry, and it must survive that anyway. */
    @Override
    public void close() {
        process.kill();
    }
}
