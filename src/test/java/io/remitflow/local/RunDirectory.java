package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A directory for the throw-away data of one JVM's tests, named after that JVM. What a killed JVM left behind, its
 * children included, is found by that name and removed when the next one starts.
 */
final class RunDirectory {

    private static final Logger log = LoggerFactory.getLogger(RunDirectory.class);

    /** Below it, the services of tests that kill them. */
    static final String CRASHING = "crash";

    private RunDirectory() {}

    static Path create() {
        Path root = LocalDirectories.root().resolve("tests");
        try {
            Files.createDirectories(root);
            try (var lock =
                    FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                removeAbandoned(root);
                Path mine = root.resolve(nameOf(ProcessHandle.current()));
                return Files.createDirectories(mine);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no directory for this run under " + root, e);
        }
    }

    static void delete(Path run) {
        try {
            FileSystemUtils.deleteRecursively(run);
        } catch (IOException e) {
            log.warn("could not delete {}: {}", run, e.getMessage());
        }
    }

    private static void removeAbandoned(Path root) throws IOException {
        List<Path> runs;
        try (var children = Files.list(root)) {
            runs = children.filter(Files::isDirectory).toList();
        }
        for (Path run : runs) {
            if (!ownerIsAlive(run)) {
                stopChildrenIn(run);
                delete(run);
            }
        }
    }

    /** Stops whatever a killed owner left running in its directory. */
    static void stopChildrenIn(Path run) {
        for (Path services : new Path[] {run, run.resolve(CRASHING)}) {
            LocalPostgres.stopLeftover(services.resolve("postgres"));
            ChildProcess.stopLeftovers(services);
        }
    }

    private static boolean ownerIsAlive(Path run) {
        String name = run.getFileName().toString();
        try {
            long pid = Long.parseLong(name.substring(0, name.indexOf('-')));
            return ProcessHandle.of(pid)
                    .map(owner -> nameOf(owner).equals(name))
                    .orElse(false);
        } catch (NumberFormatException | StringIndexOutOfBoundsException notOurs) {
            return true;
        }
    }

    private static String nameOf(ProcessHandle owner) {
        long started =
                owner.info().startInstant().map(start -> start.getEpochSecond()).orElse(0L);
        return owner.pid() + "-" + started;
    }
}
