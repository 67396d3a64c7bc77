package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mvn spring-boot:test-run} runs, on the ports that the documentation names: nothing else may use them. */
@Tag("chaos")
class LocalRemitflowIntegrationTests {

    private static final Duration PATIENCE = Duration.ofMinutes(8);

    private static final int PORT = LocalPorts.fixed().application();

    @Test
    void theWholeRunKeepsWhatWasPostedWhenItIsKilledAndEndsWhenItIsAskedTo(@TempDir Path directory) throws IOException {
        Path camunda = LocalDirectories.root().resolve("camunda");
        Files.createSymbolicLink(directory.resolve("camunda"), camunda);
        Path inbox = directory.resolve("inbox").resolve(DemoHospital.CODE).resolve("era");
        Path log = directory.resolve("run/local.log");
        try (var run = new ChildProcess(
                "local",
                directory.resolve("run"),
                () -> LocalJava.run(
                        LocalRemitflow.class, List.of("-Xmx1g", "-Dremitflow.local.directory=" + directory), List.of()),
                () -> starts(log) > 0)) {
            run.start();
            run.awaitHealthy(PATIENCE);
            assertThat(Files.readString(log))
                    .contains("http://localhost:" + PORT, inbox.toString(), "clerk", "Password");
            Files.copy(Path.of("samples/835/01-clean-multi-claim.835"), inbox.resolve("first.835"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(inbox.resolve("first.835")).doesNotExist());
            String posted = remittance();
            assertThat(posted).contains("KMH26101200417", "\"state\":\"posted\"");

            run.kill();
            run.start();
            await().atMost(PATIENCE).until(() -> starts(log) == 2);

            assertThat(remittance()).isEqualTo(posted);
            Processes.signal(run.pid(), "TERM");
            run.awaitEnd(Duration.ofMinutes(2));
            LocalPorts.fixed().requireFree();
        }
    }

    private static String remittance() {
        return TestClient.api(PORT, "clerk", DemoHospital.PASSWORD)
                .get("/billing/remittances?from=2026-10-12&to=2026-10-12&atLeast=6366.00&atMost=6366.00")
                .body();
    }

    private static int starts(Path log) {
        try {
            return Files.readString(log).split("Remitflow is ready after", -1).length - 1;
        } catch (IOException notYet) {
            return 0;
        }
    }
}
