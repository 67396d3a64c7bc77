package io.remitflow.local;

import java.nio.file.Path;

/** A server that runs beside us as a process of its own. */
final class ChildProcess {

    private ChildProcess() {}

    static void stopLeftovers(Path directory) {
        // follows
    }
}
