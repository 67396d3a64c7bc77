package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackIntegrationTests {

    @Test
    void theManagerSignsInToTasklist() {
        var answer = LocalHttp.send(
                "POST", TestServices.stack().tasklist().url() + "/api/login?username=manager&password=demo", "");

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("set-cookie").orElse("")).contains("TASKLIST-SESSION");
    }

    @Test
    void tasklistTakesATaskCreatedInTheFirstMillisecondOfASecond() {
        String index = TestServices.stack().openSearchUrl() + "/tasklist-list-view-8.6.0_/_doc/whole-second";
        try {
            var answer = LocalHttp.send("PUT", index, """
                    {"id": "whole-second", "join": {"name": "process"}, "creationTime": "2026-12-05T03:34:10Z"}""");

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        } finally {
            LocalHttp.send("DELETE", index, "");
        }
    }

    @Test
    void tasklistRefusesAWrongPassword() {
        var answer = LocalHttp.send(
                "POST", TestServices.stack().tasklist().url() + "/api/login?username=manager&password=wrong", "");

        assertThat(answer.statusCode()).isEqualTo(401);
    }

    @Test
    void whatAKilledRunLeftBehindIsStoppedAtTheNextStart(@TempDir Path directory) {
        var child = new ChildProcess("sleeper", directory, () -> new ProcessBuilder("sleep", "300"), () -> true);
        child.start();
        ProcessHandle leftover = ProcessHandle.of(child.pid()).orElseThrow();

        LocalStack.stopLeftovers(directory);

        assertThat(Processes.isRunning(leftover)).isFalse();
        assertThat(directory.resolve("sleeper.pid")).doesNotExist();
    }

    @Test
    void aProcessThatOnlyGotTheNumberOfALeftoverIsLeftAlone(@TempDir Path directory) throws IOException {
        var other = new ProcessBuilder("sleep", "300").start();
        try {
            Files.writeString(directory.resolve("broker.pid"), other.pid() + "\n" + 1_000_000 + "\n");

            LocalStack.stopLeftovers(directory);

            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void aSupervisedChildComesBackWhenItDies(@TempDir Path directory) {
        try (var child = new ChildProcess("sleeper", directory, () -> new ProcessBuilder("sleep", "300"), () -> true)
                .supervised()) {
            child.start();
            long first = child.pid();

            ProcessHandle.of(first).orElseThrow().destroyForcibly();

            for (int i = 0; i < 100 && child.pid() == first; i++) {
                Processes.pause(Duration.ofMillis(100));
            }
            assertThat(child.pid()).isNotEqualTo(first);
            assertThat(child.isRunning()).isTrue();
        }
    }

    @Test
    void aTakenPortIsNamedWithItsPurpose() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Integer> free = Ports.free(12);
            var ports = new LocalPorts(
                    free.get(0),
                    free.get(1),
                    free.get(2),
                    free.get(3),
                    free.get(4),
                    free.get(5),
                    free.get(6),
                    free.get(7),
                    free.get(8),
                    taken.getLocalPort(),
                    free.get(9),
                    free.get(10),
                    free.get(11));

            assertThatThrownBy(ports::requireFree)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + ", needed for Tasklist");
        }
    }
}
