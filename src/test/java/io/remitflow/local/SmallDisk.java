package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file system in memory that is quickly full. Needs the right to mount one. */
final class SmallDisk implements AutoCloseable {

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** Over the directory, whose own content is hidden meanwhile; empty where mounting is not allowed. */
    static Optional<SmallDisk> mount(Path directory, int megabytes) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        boolean mounted = succeeds(
                "mount", "-t", "tmpfs", "-o", "size=%dm,mode=0777".formatted(megabytes), "tmpfs", directory.toString());
        return mounted ? Optional.of(new SmallDisk(directory)) : Optional.empty();
    }

    Path directory() {
        return directory;
    }

    /** Leaves nothing, as other people's files do. */
    void fill() {
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            if (!succeeds("fallocate", "-l", String.valueOf(free), ballast().toString())) {
                throw new IllegalStateException("could not fill " + directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void free() {
        try {
            Files.deleteIfExists(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path ballast() {
        return directory.resolve("ballast.tmp");
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        // Lazily: whoever still has a file open there keeps it until the end.
        if (!succeeds("umount", "-l", directory.toString())) {
            throw new IllegalStateException(directory + " is still mounted");
        }
    }
}
