package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The Camunda broker as a process of its own: the real server, reachable from this machine only. */
public final class LocalBroker implements AutoCloseable {

    private static final int BLOCK = 1 << 20;

    private final LocalPorts ports;
    private final Path data;
    private final ChildProcess process;

    /** @param controlledClock whether tests may move its time forward */
    LocalBroker(Path directory, LocalPorts ports, boolean controlledClock) {
        this.ports = ports;
        this.data = directory.resolve("broker");
        this.process = new ChildProcess(
                "broker",
                directory,
                () -> command(data, ports, controlledClock),
                () -> LocalHttp.answers(
                        "http://127.0.0.1:%d/actuator/health/readiness".formatted(ports.brokerManagement())));
    }

    private static ProcessBuilder command(Path data, LocalPorts ports, boolean controlledClock) {
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
        environment.put(exporter + "ARGS_BULK_SIZE", "500");
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

    /** Whether a word stands, in whatever case, in anything that the engine keeps on its disk: its log and its state. */
    public boolean keeps(String word) {
        byte[] wanted = word.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
        var found = new AtomicBoolean();
        try {
            Files.walkFileTree(data, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    found.set(contains(file, wanted));
                    return found.get() ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
                }

                /** The engine removes what it has compacted. */
                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.get();
    }

    private static boolean contains(Path file, byte[] wanted) {
        try (var in = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK];
            int kept = 0;
            for (int read = in.read(block, 0, BLOCK); read > 0; read = in.read(block, kept, BLOCK - kept)) {
                int size = kept + read;
                for (int i = 0; i < size; i++) {
                    block[i] = block[i] >= 'A' && block[i] <= 'Z' ? (byte) (block[i] + 'a' - 'A') : block[i];
                }
                if (holds(block, size, wanted)) {
                    return true;
                }
                // The word may stand across the end of a block.
                kept = Math.min(size, wanted.length - 1);
                System.arraycopy(block, size - kept, block, 0, kept);
            }
            return false;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean holds(byte[] text, int size, byte[] wanted) {
        for (int at = 0; at <= size - wanted.length; at++) {
            if (text[at] == wanted[0] && Arrays.equals(text, at, at + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        process.close();
    }
}
