package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@BooksTest
class LocalPostgresIntegrationTests {

    @Autowired
    JdbcClient jdbc;

    @Test
    void losesNoCommitInACrash() {
        assertThat(setting("fsync")).isEqualTo("on");
        assertThat(setting("synchronous_commit")).isEqualTo("on");
        assertThat(setting("full_page_writes")).isEqualTo("on");
    }

    @Test
    void a7_noConfirmedRowIsLostWhenItIsKilled(@TempDir Path directory) throws Exception {
        assertThat(lostInAKill(directory, LocalPostgres.DURABLE)).isEmpty();
    }

    /** The proof that the test above can fail: it is our settings that keep the rows, not luck. */
    @Test
    void a7_withTheSettingsOfTheLibraryTheSameKillLosesConfirmedRows(@TempDir Path directory) throws Exception {
        int lost = 0;
        // A kill right after the server wrote what it had in memory loses nothing: not twice in a row.
        for (int kill = 1; lost == 0 && kill <= 5; kill++) {
            lost = lostInAKill(directory.resolve("kill-" + kill), Map.of()).size();
        }

        assertThat(lost).isPositive();
    }

    @Test
    void comesBackWhenItDies(@TempDir Path directory) {
        try (var postgres =
                LocalPostgres.startOnFreePort(directory.resolve("postgres")).supervised()) {
            var books = JdbcClient.create(postgres.superuser());
            ProcessHandle first =
                    LocalPostgres.postmaster(directory.resolve("postgres")).orElseThrow();

            first.destroyForcibly();

            await().atMost(Duration.ofSeconds(60))
                    .until(() -> LocalPostgres.postmaster(directory.resolve("postgres"))
                            .filter(now -> now.pid() != first.pid())
                            .isPresent());
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> books.sql("select 1").query(Integer.class).single() == 1);
        }
    }

    /** Numbers whose insertion was confirmed to a client, and that are gone after the kill and a new start. */
    private static Set<Integer> lostInAKill(Path directory, Map<String, String> durability) throws Exception {
        Path data = directory.resolve("postgres");
        int port = Ports.free();
        var confirmed = ConcurrentHashMap.<Integer>newKeySet();
        var postgres = LocalPostgres.start(data, port, durability);
        JdbcClient.create(postgres.superuser())
                .sql("create table confirmed (number int primary key)")
                .update();
        var clients = new ArrayList<Thread>();
        var next = new AtomicInteger();
        for (int client = 0; client < 4; client++) {
            Connection connection = postgres.superuser().getConnection();
            clients.add(Thread.ofPlatform().daemon().start(() -> insertUntilItDies(connection, next, confirmed)));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> confirmed.size() > 500);
        postgres.kill();
        for (Thread client : clients) {
            client.join(Duration.ofSeconds(30));
        }
        try (var again = LocalPostgres.start(data, port, durability)) {
            var lost = new HashSet<>(confirmed);
            JdbcClient.create(again.superuser())
                    .sql("select number from confirmed")
                    .query(Integer.class)
                    .list()
                    .forEach(lost::remove);
            return lost;
        }
    }

    private static void insertUntilItDies(Connection connection, AtomicInteger next, Set<Integer> confirmed) {
        try (connection;
                var insert = connection.prepareStatement("insert into confirmed values (?)")) {
            while (true) {
                int number = next.incrementAndGet();
                insert.setInt(1, number);
                insert.executeUpdate();
                confirmed.add(number);
            }
        } catch (SQLException died) {
            // As expected: the row that was on its way was not confirmed.
        }
    }

    @Test
    void theApplicationCannotBypassRowSecurityNorCreateTables() {
        assertThat(jdbc.sql("select current_user").query(String.class).single()).isEqualTo("remitflow_app");
        assertThat(jdbc.sql("select rolbypassrls or rolsuper from pg_roles where rolname = current_user")
                        .query(Boolean.class)
                        .single())
                .isFalse();
        assertThatThrownBy(() -> jdbc.sql("create table mine (id int)").update())
                .rootCause()
                .hasMessageContaining("permission denied");
    }

    private String setting(String name) {
        return jdbc.sql("show " + name).query(String.class).single();
    }
}
