package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;

/** Processes that are not children of this JVM: leftovers of a killed one. */
final class Processes {

    private Processes() {}

    /** Exited processes that nobody waits for keep their number, but no command. */
    static boolean isRunning(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    /** Asks it to stop, and insists when it has not after the given time. */
    static void stop(ProcessHandle process, Duration patience) {
        process.destroy();
        if (!ends(process, patience)) {
            process.destroyForcibly();
            ends(process, Duration.ofSeconds(10));
        }
    }

    static boolean ends(ProcessHandle process, Duration patience) {
        Instant end = Instant.now().plus(patience);
        while (isRunning(process)) {
            if (Instant.now().isAfter(end)) {
                return false;
            }
            pause(Duration.ofMillis(50));
        }
        return true;
    }

    /** @param name such as {@code STOP}, which freezes it until {@code CONT} */
    static void signal(long pid, String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("process %d does not take the signal %s".formatted(pid, name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
