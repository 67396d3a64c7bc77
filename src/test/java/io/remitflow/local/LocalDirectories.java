package io.remitflow.local;

import java.nio.file.Path;

/** Where the local run keeps its servers, data and inboxes; ignored by git. */
final class LocalDirectories {

    private LocalDirectories() {}

    static Path root() {
        return Path.of(System.getProperty("remitflow.local.directory", ".local"))
                .toAbsolutePath()
                .normalize();
    }

    /** The unpacked Camunda distribution: broker and Tasklist. */
    static Path camunda() {
        return root().resolve("camunda/camunda-zeebe-8.6.0");
    }
}
