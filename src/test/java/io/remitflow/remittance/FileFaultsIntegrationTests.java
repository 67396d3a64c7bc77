package io.remitflow.remittance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.intake.InboxDirectories;
import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.LocalPostgres;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What goes wrong around a file while it is delivered and posted: afterwards it is posted once, or not at all. */
@BooksTest
class FileFaultsIntegrationTests {

    static final Duration SOON = Duration.ofSeconds(60);

    static final String BODY = """
            CLP*C1*1*100*80*20*12*PCN1*11*1
            CAS*PR*1*20
            NM1*QC*1*DOE*JANE
            """;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void b11_whateverComesOfTheSameRemittanceItIsPostedOnce() throws IOException {
        String text = EraText.of("B11", "80.00", BODY).text();
        var first = books.receive("remit.835", text.getBytes(UTF_8));

        var sameName = books.receive("remit.835", text.getBytes(UTF_8));
        var otherName = books.receive("remit (1).835", text.getBytes(UTF_8));
        var newEnvelope = books.receive(EraText.of("B11", "80.00", BODY));
        var lineEnds = books.receive("crlf.835", text.replace("\n", "\r\n").getBytes(UTF_8));
        var otherBytes = books.receive(EraText.of("B11", "80.00", BODY.replace("PCN1", "PCN9")));
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(text.getBytes(UTF_8));
        }
        var gz = books.receive("remit.835.gz", zipped.toByteArray());

        assertThat(first.file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(sameName.repeated()).isTrue();
        assertThat(otherName.file().id()).isEqualTo(first.file().id());
        assertThat(newEnvelope.file().state()).isEqualTo(IntakeFile.State.DUPLICATE);
        assertThat(lineEnds.file().state()).isEqualTo(IntakeFile.State.DUPLICATE);
        assertThat(otherBytes.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.REVIEW));
        assertThat(gz.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.count("billing_claim_responses")).isOne();
    }

    @Test
    void d11_anArchiveIsRejectedUnopened() throws IOException {
        var bomb = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bomb)) {
            zip.putNextEntry(new ZipEntry("../../outside.835"));
            zip.write(new byte[20_000_000]);
        }

        var receipt = books.receive("bomb.835", bomb.toByteArray());

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(receipt.file().size()).isEqualTo(bomb.size());
        assertThat(books.count("billing_remittances")).isZero();
    }

    @Test
    void a8_aConnectionEndedInTheMiddleOfAPostingLeavesNothingAndTheFileGoesOnAfterwards() throws Exception {
        byte[] bytes = EraText.of("A8", "80.00", BODY).bytes();
        CompletableFuture<Receipt> receiving;
        try (Connection blocker = TestServices.postgres().superuser().getConnection()) {
            blocker.setAutoCommit(false);
            try (var statement = blocker.createStatement()) {
                statement.execute("lock table billing_patient_transactions in share row exclusive mode");
            }
            receiving = CompletableFuture.supplyAsync(() -> books.receive("cut.835", bytes));
            // It has written its claims and its journal entry by now, and waits for the transactions of the accounts.
            await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> waiting("count(*)") == 1);
            assertThat(waiting("count(pg_terminate_backend(l.pid))")).isOne();
            blocker.rollback();
        }

        assertThatThrownBy(receiving::join).hasRootCauseInstanceOf(SQLException.class);
        assertThat(books.count("billing_remittances")).isZero();
        assertThat(books.balanceMinor("1050")).isZero();
        assertThat(books.query("select state from intake_files", String.class)).isEqualTo("received");
        Invariants.ofTests().hold();

        var receipt = books.receive("cut.835", bytes);

        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(books.balanceMinor("1050")).isEqualTo(8_000);
        assertThat(books.count("billing_claim_responses")).isOne();
    }

    @Test
    void d20_anInboxThatWasAwayIsReadAgainWithoutARestart() throws IOException {
        Path inbox = books.hospital.call(
                () -> books.context.getBean(InboxDirectories.class).forRemittances());
        drop(inbox, "before.835", "D20A");
        await().atMost(SOON).until(() -> !Files.exists(inbox.resolve("before.835")));
        Path away = inbox.resolveSibling("era-away");
        Files.move(inbox, away);
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
        Files.move(away, inbox);

        drop(inbox, "after.835", "D20B");

        await().atMost(SOON).until(() -> !Files.exists(inbox.resolve("after.835")));
        assertThat(books.queryAll("select state from intake_files", String.class))
                .containsExactly("accepted", "accepted");
        assertThat(books.balanceMinor("1050")).isEqualTo(16_000);
    }

    @Test
    void d20_anInboxThatIsAwayRaisesAnAlarmWithinAMinuteUntilItIsBack() throws IOException {
        Path inbox = books.hospital.call(
                () -> books.context.getBean(InboxDirectories.class).forRemittances());
        var other = TestHospital.create(books.context);
        TestClient admin = signedIn(books.hospital);
        TestClient watcher = TestClient.browser(port);
        String name = books.hospital.code() + "/era";
        createInboxesOfAll(inbox);
        assertThat(admin.get("/app/operations").body()).doesNotContain(name);
        Path away = inbox.resolveSibling("era-away");
        Files.move(inbox, away);
        try {
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(admin.get("/app/operations").body()).contains(name, "is missing"));
            assertThat(admin.get("/app").body()).contains("Stuck in operations");
            assertThat(watcher.get("/actuator/health/inboxes").statusCode()).isEqualTo(503);
            assertThat(watcher.get("/actuator/health/inboxes").body()).isEqualTo("{\"status\":\"DOWN\"}");
            assertThat(watcher.get("/actuator/health/readiness").statusCode())
                    .as("everything else goes on")
                    .isEqualTo(200);
            assertThat(signedIn(other).get("/app/operations").body()).doesNotContain(name, "is missing");
        } finally {
            Files.move(away, inbox);
        }

        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(watcher.get("/actuator/health/inboxes").statusCode())
                                .isEqualTo(200));
        assertThat(admin.get("/app/operations").body()).doesNotContain(name);
        assertThat(admin.get("/app").body()).doesNotContain("Stuck in operations");
    }

    /** Those of the hospitals of earlier tests were tidied away. */
    private void createInboxesOfAll(Path one) throws IOException {
        for (var organization : books.context.getBean(Organizations.class).all()) {
            for (String kind : List.of("era", "ach-returns", "bank", "checks")) {
                Files.createDirectories(one.resolve("../../%s/%s".formatted(organization.code(), kind))
                        .normalize());
            }
        }
    }

    private TestClient signedIn(TestHospital hospital) {
        return TestClient.browser(port).signIn(hospital.signInName(Role.ORG_ADMIN), TestHospital.PASSWORD);
    }

    private static void drop(Path inbox, String name, String trace) throws IOException {
        Path arriving = inbox.resolveSibling(name + ".arriving");
        Files.write(arriving, EraText.of(trace, "80.00", BODY).bytes());
        Files.setLastModifiedTime(arriving, FileTime.from(Instant.now().minusSeconds(120)));
        Files.move(arriving, inbox.resolve(name));
    }

    /** Of the application's connections that wait for the table of account transactions. */
    private static long waiting(String what) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("""
                        select %s from pg_locks l join pg_stat_activity a on a.pid = l.pid
                        where l.relation = 'billing_patient_transactions'::regclass and not l.granted and a.usename = :user
                        """.formatted(what))
                .param("user", LocalPostgres.APPLICATION)
                .query(Long.class)
                .single();
    }
}
