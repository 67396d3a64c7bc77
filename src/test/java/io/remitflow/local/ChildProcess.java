package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that runs beside us as a process of its own: its output goes to {@code <name>.log}, its number to
 * {@code <name>.pid}, so that a later run can find and stop it if we are killed before we can.
 */
final class ChildProcess implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ChildProcess.class);
    private static final int MOST_RESTARTS = 10;

    private static volatile boolean jvmIsStopping;

    static {
        // Ctrl+C reaches the children as well: those that end first must not be started again.
        Runtime.getRuntime().addShutdownHook(new Thread(ChildProcess::restartNothingAnymore));
    }

    private final String name;
    private final Path directory;
    private final Supplier<ProcessBuilder> command;
    private final BooleanSupplier healthy;

    private @Nullable Process process;
    private boolean stopping;
    private boolean supervised;
    private int restarts;

    /** @param command asked again for each start */
    ChildProcess(String name, Path directory, Supplier<ProcessBuilder> command, BooleanSupplier healthy) {
        this.name = name;
        this.directory = directory;
        this.command = command;
        this.healthy = healthy;
    }

    String name() {
        return name;
    }

    synchronized void start() {
        try {
            Files.createDirectories(directory);
            Process started = command.get()
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve(name + ".log").toFile()))
                    .start();
            process = started;
            stopping = false;
            Files.writeString(pidFile(), started.pid() + "\n" + startOf(started.toHandle()) + "\n");
            var unused = started.onExit().thenAccept(this::ended);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " could not be started", e);
        }
    }

    /** Starts it again whenever it ends without having been stopped. */
    synchronized ChildProcess supervised() {
        supervised = true;
        return this;
    }

    static void restartNothingAnymore() {
        jvmIsStopping = true;
    }

    static boolean nothingIsRestarted() {
        return jvmIsStopping;
    }

    private void ended(Process ended) {
        if (supervised) {
            Processes.pause(Duration.ofSeconds(1));
        }
        if (!jvmIsStopping) {
            replace(ended);
        }
    }

    private synchronized void replace(Process ended) {
        if (stopping || ended != process) {
            return;
        }
        if (!supervised || restarts >= MOST_RESTARTS) {
            log.error("{} ended with {}; its log: {}", name, ended.exitValue(), directory.resolve(name + ".log"));
            return;
        }
        restarts++;
        log.warn("{} ended with {} and is started again", name, ended.exitValue());
        start();
    }

    /** @throws IllegalStateException with the end of its log if it ends, or is not healthy in time */
    void awaitHealthy(Duration patience) {
        Instant end = Instant.now().plus(patience);
        while (!healthy.getAsBoolean()) {
            if (!isRunning() && !supervised) {
                throw new IllegalStateException(name + " ended instead of starting:\n" + endOfLog());
            }
            if (Instant.now().isAfter(end)) {
                throw new IllegalStateException(
                        "%s is not ready after %d s:%n%s".formatted(name, patience.toSeconds(), endOfLog()));
            }
            Processes.pause(Duration.ofMillis(100));
        }
    }

    boolean isHealthy() {
        return isRunning() && healthy.getAsBoolean();
    }

    synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    synchronized long pid() {
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return process.pid();
    }

    /** @return its exit code */
    int awaitEnd(Duration patience) {
        Process running;
        synchronized (this) {
            stopping = true;
            running = Objects.requireNonNull(process);
        }
        if (!endsWithin(running, patience)) {
            throw new IllegalStateException(
                    "%s did not end within %d s:%n%s".formatted(name, patience.toSeconds(), endOfLog()));
        }
        return running.exitValue();
    }

    /** As the operating system would: no goodbye. It stays down until {@link #start()}. */
    void kill() {
        end(Process::destroyForcibly);
    }

    void stop() {
        end(running -> {
            running.destroy();
            if (!endsWithin(running, Duration.ofSeconds(20))) {
                log.warn("{} did not stop when asked and is ended", name);
                running.destroyForcibly();
            }
        });
    }

    @Override
    public void close() {
        stop();
    }

    private void end(Consumer<Process> how) {
        Process running;
        synchronized (this) {
            stopping = true;
            running = process;
        }
        if (running == null) {
            return;
        }
        how.accept(running);
        endsWithin(running, Duration.ofSeconds(10));
        try {
            Files.deleteIfExists(pidFile());
        } catch (IOException e) {
            log.warn("could not delete {}: {}", pidFile(), e.getMessage());
        }
    }

    private static boolean endsWithin(Process process, Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Path pidFile() {
        return directory.resolve(name + ".pid");
    }

    private String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(directory.resolve(name + ".log"), StandardCharsets.ISO_8859_1);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /** Stops every process whose pid file lies in the directory, if it is still the one the file was written for. */
    static void stopLeftovers(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".pid")).toList()) {
                stopLeftover(file);
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for leftovers in " + directory, e);
        }
    }

    private static void stopLeftover(Path pidFile) throws IOException {
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.size() < 2) {
            return;
        }
        long pid = Long.parseLong(lines.get(0));
        long started = Long.parseLong(lines.get(1));
        ProcessHandle.of(pid)
                .filter(Processes::isRunning)
                // Numbers are reused: only the process that started at that moment is ours.
                .filter(process -> Math.abs(startOf(process) - started) < 1000)
                .ifPresent(process -> {
                    log.info("stopping {} (process {}) that an earlier run left behind", pidFile.getFileName(), pid);
                    Processes.stop(process, Duration.ofSeconds(10));
                });
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
