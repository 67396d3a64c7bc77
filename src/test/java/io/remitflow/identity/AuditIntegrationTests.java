package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.Ids;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Cases G2 to G4 and G9 for the audit log. */
@BooksTest
class AuditIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    AuditLog audit;

    @Autowired
    AuditVerification verification;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    Users users;

    @LocalServerPort
    int port;

    @TempDir
    Path anchorDirectory;

    TestHospital hospital;
    AuditChain chain;
    JdbcClient superuser;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
        superuser = JdbcClient.create(TestServices.postgres().superuser());
        chain = new AuditChain(
                jdbc,
                context.getBean(DataSource.class),
                transactions,
                new AuditAnchors(anchorDirectory.toString()),
                context.getBean(Clock.class));
    }

    @AfterEach
    void closeHospital() {
        hospital.forget();
    }

    @Test
    void sealsEveryEntryInAChainWithoutGaps() {
        record(7);
        chain.seal(hospital.id());

        assertThat(chain.verify(hospital.id())).isEmpty();
        var entries = hospital.call(() -> audit.entries(new AuditLog.Filter(null, null, null), null, 100));
        assertThat(entries)
                .hasSizeGreaterThanOrEqualTo(8)
                .allSatisfy(entry -> assertThat(entry.seq()).isNotNull());
        assertThat(entries.stream()
                        .mapToLong(entry -> entry.seq() == null ? 0 : entry.seq())
                        .max())
                .hasValue(entries.size());
    }

    @Test
    void namesTheActor() {
        hospital.runAs(Role.ORG_ADMIN, () -> record(1));

        var newest = hospital.call(() -> audit.entries(new AuditLog.Filter("test.done", null, null), null, 1));
        assertThat(newest.getFirst().actor()).isEqualTo("org-admin");
    }

    @Test
    void anActionThatRollsBackLeavesNoEntry() {
        assertThatThrownBy(() -> hospital.run(() -> transactions.executeWithoutResult(transaction -> {
                    audit.record("test.undone", "test", "1", Map.of());
                    throw new IllegalStateException("no");
                })))
                .hasMessage("no");

        assertThat(hospital.call(() -> audit.entries(new AuditLog.Filter("test.undone", null, null), null, 1)))
                .isEmpty();
    }

    @Test
    void g2_theApplicationCannotChangeOrDeleteEntries() {
        record(1);
        chain.seal(hospital.id());
        for (String table : new String[] {"audit_log", "audit_chain"}) {
            for (String sql : new String[] {"update %s set org_id = org_id", "delete from %s", "truncate %s cascade"}) {
                assertThatExceptionOfType(DataAccessException.class)
                        .isThrownBy(() -> hospital.run(() -> transactions.executeWithoutResult(
                                transaction -> jdbc.sql(sql.formatted(table)).update())))
                        .havingRootCause()
                        .withMessageContaining("permission denied");
            }
            assertThatExceptionOfType(DataAccessException.class)
                    .as("the trigger stops even the owner of everything")
                    .isThrownBy(() -> superuser.sql("delete from " + table).update())
                    .havingRootCause()
                    .withMessageContaining("never changed or deleted");
        }
    }

    @Test
    void g3_aRowEditedByTheSuperuserIsFoundWithOrganizationAndNumber() throws SQLException {
        record(5);
        chain.seal(hospital.id());

        asSuperuserWithoutTriggers("""
                update audit_log set facts = '{"changed":true}' where id =
                    (select audit_id from audit_chain where org_id = '%1$s' and seq = 3)
                """);

        assertThat(chain.verify(hospital.id())).hasValueSatisfying(fault -> {
            assertThat(fault.organization()).isEqualTo(hospital.id());
            assertThat(fault.seq()).isEqualTo(3);
        });
        assertThat(verification.ofAll())
                .anySatisfy(fault -> assertThat(fault.organization()).isEqualTo(hospital.id()));
        var watcher = TestClient.browser(port);
        assertThat(watcher.get("/actuator/health/audit-log").statusCode()).isEqualTo(503);
        assertThat(watcher.get("/actuator/health/audit-log").body()).isEqualTo("{\"status\":\"DOWN\"}");
        assertThat(watcher.get("/actuator/health/readiness").statusCode()).isEqualTo(200);

        hospital.forget();
        assertThat(verification.ofAll()).isEmpty();
        assertThat(watcher.get("/actuator/health/audit-log").body()).isEqualTo("{\"status\":\"UP\"}");
    }

    @Test
    void g3_aRowRemovedFromTheMiddleIsFound() throws SQLException {
        record(5);
        chain.seal(hospital.id());

        asSuperuserWithoutTriggers("delete from audit_chain where org_id = '%1$s' and seq = 2");

        assertThat(chain.verify(hospital.id()))
                .hasValueSatisfying(fault -> assertThat(fault.seq()).isEqualTo(2));
        hospital.forget();
    }

    @Test
    void g4_missingLastRowsAreFoundByTheHead() throws SQLException {
        record(5);
        chain.seal(hospital.id());
        long last = lastSeq();

        removeAfter(last - 2);

        assertThat(chain.verify(hospital.id()))
                .hasValueSatisfying(fault -> assertThat(fault.seq()).isEqualTo(last - 1));
    }

    @Test
    void g4_missingLastRowsAreFoundByTheAnchorOutsideEvenIfTheHeadIsForged() throws SQLException {
        record(5);
        chain.seal(hospital.id());
        long last = lastSeq();

        removeAfter(last - 2);
        asSuperuserWithoutTriggers("""
                update audit_heads h set seq = c.seq, hash = c.hash from audit_chain c
                 where h.org_id = '%1$s' and c.org_id = h.org_id and c.seq = (select max(seq) from audit_chain where org_id = '%1$s')
                """);

        assertThat(chain.verify(hospital.id())).hasValueSatisfying(fault -> {
            assertThat(fault.seq()).isEqualTo(last - 1);
            assertThat(fault.what()).contains("anchor");
        });
    }

    @Test
    void g4_aLongLogIsVerifiedWithAnAnchorForEachOfItsRows() throws Exception {
        record(1_300);
        chain.seal(hospital.id());
        Path file = anchorDirectory.resolve(hospital.id() + ".anchors");
        List<String> anchors = new ArrayList<>(superuser
                .sql(
                        "select seq || ' ' || encode(hash, 'hex') || ' now' from audit_chain where org_id = :org order by seq")
                .param("org", hospital.id().value())
                .query(String.class)
                .list());
        Files.write(file, anchors);

        assertThat(chain.verify(hospital.id())).isEmpty();

        anchors.set(1_200, "1201 " + "00".repeat(32) + " now");
        Files.write(file, anchors);
        assertThat(chain.verify(hospital.id())).hasValueSatisfying(fault -> {
            assertThat(fault.seq()).isEqualTo(1_201);
            assertThat(fault.what()).contains("anchored");
        });
    }

    @Test
    void aLogThatCannotBeVerifiedIsNotIntactAndStopsNoOther() throws Exception {
        TestHospital second = TestHospital.create(context);
        for (TestHospital each : List.of(hospital, second)) {
            // Not a file: it cannot be read.
            Files.createDirectory(anchorDirectory.resolve(each.id() + ".anchors"));
        }
        var unreadable = new AuditVerification(chain, context.getBean(Organizations.class));

        assertThat(unreadable.ofAll())
                .extracting(AuditFault::organization)
                .containsExactlyInAnyOrder(hospital.id(), second.id());
        assertThat(unreadable.intact()).isFalse();
    }

    @Test
    void theCommandEndsWithACodeThatSaysWhetherEveryLogIsIntact() throws SQLException {
        List<Integer> codes = new ArrayList<>();
        var command = new AuditCommand(verification, codes::add);
        record(3);
        chain.seal(hospital.id());

        command.run(new DefaultApplicationArguments("--something-else"));
        assertThat(codes).as("another start goes on").isEmpty();
        command.run(new DefaultApplicationArguments("--verify-audit"));
        assertThat(codes).containsExactly(0);

        asSuperuserWithoutTriggers("delete from audit_chain where org_id = '%1$s' and seq = 2");
        command.run(new DefaultApplicationArguments("--verify-audit"));
        assertThat(codes).containsExactly(0, 1);

        hospital.forget();
        assertThat(verification.ofAll()).isEmpty();
    }

    @Test
    void aStatementThatFailsNamesNoValues() {
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> hospital.run(() -> transactions.executeWithoutResult(transaction -> context.getBean(
                                JdbcTemplate.class)
                        .batchUpdate(
                                "insert into users (org_id, id, username, display_name) values (?, ?, ?, ?)",
                                List.of(
                                        new Object[] {hospital.id().value(), Ids.next(), "canary-user", "Canary A"},
                                        new Object[] {hospital.id().value(), Ids.next(), "canary-user", "Canary B"})))))
                .satisfies(e -> {
                    var text = new StringWriter();
                    e.printStackTrace(new PrintWriter(text));
                    assertThat(text.toString())
                            .contains("unique constraint")
                            .doesNotContain("canary-user")
                            .doesNotContain("Canary");
                });
    }

    @Test
    void g9_whatCannotBeRecordedDoesNotHappen() throws Exception {
        try (var connection = TestServices.postgres().superuser().getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table audit_log in access exclusive mode");

            assertThatExceptionOfType(DataAccessException.class)
                    .isThrownBy(() -> hospital.run(() -> transactions.executeWithoutResult(transaction -> {
                        jdbc.sql("set local lock_timeout = '300ms'").update();
                        users.create("new", "New Person", null, Set.of());
                    })));
            connection.rollback();
        }

        assertThat(hospital.call(users::all))
                .noneMatch(person -> person.username().equals("new"));
    }

    private void record(int entries) {
        hospital.run(() -> transactions.executeWithoutResult(transaction -> {
            for (int number = 0; number < entries; number++) {
                audit.record("test.done", "test", Integer.toString(number), Map.of("amountMinor", number * 100L));
            }
        }));
    }

    private long lastSeq() {
        return superuser
                .sql("select max(seq) from audit_chain where org_id = :org")
                .param("org", hospital.id().value())
                .query(Long.class)
                .single();
    }

    private void removeAfter(long seq) throws SQLException {
        asSuperuserWithoutTriggers("""
                with cut as (delete from audit_chain where org_id = '%%1$s' and seq > %d returning audit_id)
                delete from audit_log where org_id = '%%1$s' and id in (select audit_id from cut)
                """.formatted(seq));
    }

    private void asSuperuserWithoutTriggers(String sql) throws SQLException {
        try (var connection = TestServices.postgres().superuser().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("set session_replication_role = replica");
            assertThat(statement.executeUpdate(sql.formatted(hospital.id())))
                    .as("rows tampered with")
                    .isPositive();
        }
    }
}
