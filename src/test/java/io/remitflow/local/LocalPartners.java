package io.remitflow.local;

import java.nio.file.Path;
import java.util.List;
import org.springframework.context.ApplicationContext;

/** What the local run adds to the services: stand-ins for partners, and a hospital to try things with. */
final class LocalPartners {

    private LocalPartners() {}

    static List<LocalPartner> all() {
        return List.of();
    }

    static void loadDemo(ApplicationContext application) {
        // follows
    }

    static Path inbox() {
        return LocalDirectories.root().resolve("inbox");
    }
}
