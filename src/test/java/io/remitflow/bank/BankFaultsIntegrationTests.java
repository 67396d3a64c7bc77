package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.InboxDirectories;
import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.LocalPostgres;
import io.remitflow.local.TestServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What goes wrong around a statement while it is taken over and booked: afterwards each line is in the books once. */
@BooksTest
class BankFaultsIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(60);

    BankBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new BankBooks(context);
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void a8_anImportWhoseConnectionEndsLeavesNothingAndTheSameFileGoesOnAfterwards() throws Exception {
        String file = books.mt940(books.today, 0, "C10,00NTRFA", "D4,00NTRFB");

        cut("accounting_bank_statement_lines", () -> books.receive(file));

        assertThat(books.count("accounting_bank_lines")).isZero();
        assertThat(books.count("accounting_bank_statements")).isZero();
        assertThat(books.query("select state from intake_files", String.class)).isEqualTo("received");

        assertThat(books.receive(file).file().state()).isEqualTo(IntakeFile.State.ACCEPTED);
        assertThat(books.lines()).hasSize(2);
        assertThat(books.balanceMinor("1000")).isEqualTo(600);
        assertThat(books.balanceMinor("1090")).isEqualTo(-600);
    }

    @Test
    void a8_bookingThatIsCutOffGoesOnByItselfAndBooksEachLineOnce() throws Exception {
        String file = books.mt940(books.today, 0, "C10,00NTRFA", "D4,00NTRFB");

        cut("accounting_bank_bookings", () -> books.receive(file));

        assertThat(books.query("select state from intake_files", String.class))
                .as("the lines are taken over, and are booked by the next round")
                .isEqualTo("accepted");
        assertThat(books.lines()).hasSize(2);

        books.hospital.run(() -> books.bean(BankStatements.class).resumeInterrupted());
        books.receive(file);

        assertThat(books.lines()).allMatch(line -> line.state() == BankLine.State.SUSPENSE);
        assertThat(books.balanceMinor("1000")).isEqualTo(600);
    }

    @Test
    void aLineInSuspenseIsLookedAtAgainWheneverItsOrganizationIs() throws Exception {
        books.receive(books.mt940(books.today, 0, "C10,00NTRFA"));
        assertThat(books.lines()).allMatch(line -> line.state() == BankLine.State.SUSPENSE);

        assertThat(books.bean(Organizations.class).having(InterruptedBankFiles.WORK))
                .extracting(Organization::code)
                .contains(books.hospital.code());
    }

    @Test
    void b10_nodesThatResumeAndMatchAtTheSameTimeBookEachLineOnceAndSuggestOnce() throws Exception {
        books.remittance("EFT990", "GREENLEAF HEALTH PLAN", "310.00", books.today);
        String file = books.mt940(books.today, 0, "C310,00NTRFNONREF|GREENLEAF HEALTH PLAN payment", "D4,00NTRFB");
        cut("accounting_bank_bookings", () -> books.receive(file));

        List<Callable<Boolean>> nodes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            nodes.add(() -> {
                books.hospital.run(() -> books.bean(BankStatements.class).resumeInterrupted());
                return true;
            });
        }
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (var done : pool.invokeAll(nodes)) {
                assertThat(done.get()).isTrue();
            }
        }

        assertThat(books.count("accounting_bank_bookings")).isEqualTo(2);
        assertThat(books.suggestions()).hasSize(1);
        assertThat(books.balanceMinor("1000")).isEqualTo(30_600);
    }

    @Test
    void b10_nodesThatTakeOverTheSameFileAtTheSameTimeHaveItOnce() throws Exception {
        String file = books.mt940(books.today, 0, "C10,00NTRFA", "D4,00NTRFB");
        List<Callable<ImportReceipt>> nodes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            nodes.add(() -> books.receive(file));
        }
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (var done : pool.invokeAll(nodes)) {
                assertThat(done.get().file().state()).isIn(IntakeFile.State.ACCEPTED, IntakeFile.State.RECEIVED);
            }
        }

        assertThat(books.count("intake_files")).isOne();
        assertThat(books.count("accounting_bank_statements")).isOne();
        assertThat(books.count("accounting_bank_bookings")).isEqualTo(2);
        assertThat(books.balanceMinor("1000")).isEqualTo(600);
    }

    @Test
    void b13_twoDaysInBothFilesAreOnceAlsoWhenTheLaterFileComesFirst() {
        String yesterday = books.mt940(books.today.minusDays(1), 0, "C10,00NTRFA//1|First", "C10,00NTRFA//1|First");
        String day = ":61:" + books.today.minusDays(1).format(DateTimeFormatter.ofPattern("yyMMdd"));
        String both = books.mt940(
                        books.today, 0, "C10,00NTRFA//1|First", "C10,00NTRFA//1|First", "C20,00NTRFB//2|Second")
                .replaceFirst(":61:\\d{6}", day)
                .replaceFirst("(?s)(:61:.*?):61:\\d{6}(C10,00)", "$1" + day + "$2");

        books.receive(both);
        var early = books.receive(yesterday);
        books.receive(both + "\n");

        assertThat(early.statements().getFirst().lines()).isEqualTo(2);
        assertThat(early.statements().getFirst().newLines()).isZero();
        assertThat(books.lines()).as("two that look the same, and one more").hasSize(3);
        assertThat(books.count("accounting_bank_bookings")).isEqualTo(3);
        assertThat(books.balanceMinor("1000")).isEqualTo(4_000);
    }

    @Test
    void d20_anInboxThatWasAwayIsReadAgainWithoutARestart() throws IOException {
        Path inbox =
                books.hospital.call(() -> books.bean(InboxDirectories.class).forBankStatements());
        drop(inbox, "before.sta", books.mt940(books.today.minusDays(1), 0, "C10,00NTRFA"));
        await().atMost(SOON).until(() -> !Files.exists(inbox.resolve("before.sta")));
        Path away = inbox.resolveSibling("bank-away");
        Files.move(inbox, away);
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
        Files.move(away, inbox);

        drop(inbox, "after.sta", books.mt940(books.today, 1_000, "C20,00NTRFB"));

        await().atMost(SOON).untilAsserted(() -> {
            assertThat(inbox.resolve("after.sta")).doesNotExist();
            assertThat(books.balanceMinor("1000")).isEqualTo(3_000);
        });
        assertThat(books.query("select count(*) from intake_files where state = 'accepted'", Long.class))
                .isEqualTo(2);
    }

    @Test
    void suspenseThatDiffersFromTheUnexplainedLinesIsReported() {
        books.receive(books.mt940(books.today, 0, "C10,00NTRFA"));
        var check = books.bean(SuspenseCheck.class);
        assertThat(books.hospital.call(check::differences)).isEmpty();
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        String change =
                "update accounting_clearing_references set balance = balance + ? where reference_kind = 'bank-line'"
                        + " and org_id = ?";

        superuser.sql(change).params(1, books.hospital.id().value()).update();
        try {
            assertThat(books.hospital.call(check::differences)).singleElement().satisfies(difference -> {
                assertThat(difference.keptMinor()).isEqualTo(999);
                assertThat(difference.unexplainedMinor()).isEqualTo(1_000);
            });
            assertThatThrownBy(() -> Invariants.ofTests().hold())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("M3 bank suspense");
        } finally {
            superuser.sql(change).params(-1, books.hospital.id().value()).update();
        }
    }

    /** Ends the connection of the application while it waits for this table in the middle of the work. */
    private void cut(String table, Callable<ImportReceipt> work) throws Exception {
        CompletableFuture<ImportReceipt> running;
        try (Connection blocker = TestServices.postgres().superuser().getConnection()) {
            blocker.setAutoCommit(false);
            try (var statement = blocker.createStatement()) {
                statement.execute("lock table %s in share row exclusive mode".formatted(table));
            }
            running = CompletableFuture.supplyAsync(() -> {
                try {
                    return work.call();
                } catch (RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> waiting("count(*)", table) >= 1);
            assertThat(waiting("count(pg_terminate_backend(l.pid))", table)).isPositive();
            blocker.rollback();
        }
        assertThatThrownBy(running::join).hasRootCauseInstanceOf(SQLException.class);
    }

    private static long waiting(String what, String table) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql("""
                        select %s from pg_locks l join pg_stat_activity a on a.pid = l.pid
                        where l.relation = '%s'::regclass and not l.granted and a.usename = :user
                        """.formatted(what, table))
                .param("user", LocalPostgres.APPLICATION)
                .query(Long.class)
                .single();
    }

    private static void drop(Path inbox, String name, String text) throws IOException {
        Path arriving = inbox.resolveSibling(name + ".arriving");
        Files.writeString(arriving, text);
        Files.setLastModifiedTime(arriving, FileTime.from(Instant.now().minusSeconds(120)));
        Files.move(arriving, inbox.resolve(name));
    }
}
