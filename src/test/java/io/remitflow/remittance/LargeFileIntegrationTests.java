package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.remittance.feed.Era835Generator;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Files far larger than what may be kept in memory, through the service to the database. */
@BooksTest
class LargeFileIntegrationTests {

    private static final Logger log = LoggerFactory.getLogger(LargeFileIntegrationTests.class);
    private static final long MEGABYTE = 1_000_000;

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    @Test
    void d2_d8_aHundredMegabytesThatLackTheirEndAreKeptAndPublishNothing() throws IOException {
        var books = new RemittanceBooks(context);
        Path file = generated(240_000);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 30);
        }
        assertThat(Files.size(file)).isGreaterThan(100 * MEGABYTE);

        var receipt = withFlatMemory(() -> receive(books, file));

        assertThat(receipt.file().state()).isEqualTo(IntakeFile.State.REJECTED);
        assertThat(receipt.file().size()).isEqualTo(Files.size(file));
        assertThat(books.count("billing_remittances")).isZero();
        assertThat(books.count("billing_remittance_claims")).isZero();
        assertThat(books.count("workflow_outbox")).isZero();
        Invariants.ofTests().hold();
    }

    @Test
    void d8_twentyThousandClaimsOfOneRemittanceArePostedToTheirAccounts() throws IOException {
        Path file = generated(20_000);
        var books = new RemittanceBooks(context, BilledClaims.of(context, file));

        var receipt = withFlatMemory(() -> receive(books, file));

        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(books.query("select count(*) from billing_remittance_claims where treatment = 'posted'", Long.class))
                .isEqualTo(20_000);
        assertThat(books.count("billing_claim_responses")).isEqualTo(20_000);
        // What is denied whole moves nothing.
        assertThat(books.query("""
                        select count(*) filter (where moved.claim_id is null) from billing_remittance_claims c
                        left join (select distinct org_id, claim_id from billing_patient_transactions
                                   where transaction_type <> 'charge') moved
                          on moved.org_id = c.org_id and moved.claim_id = c.claim_id
                        where c.paid_amount <> 0 or c.contractual_amount <> 0 or c.stated_patient_amount <> 0
                        """, Long.class))
                .as("answers that moved nothing")
                .isZero();
        assertThat(books.query(
                        "select sum(insurance_balance) || ' ' || sum(patient_balance) from billing_patient_accounts",
                        String.class))
                .isEqualTo(books.balanceMinor("1110") + " " + books.balanceMinor("1100"));
        assertThat(books.balanceMinor("1100")).isPositive();
        assertThat(books.balanceMinor("2010")).as("nothing in suspense").isZero();
        assertThat(books.balanceMinor("1050"))
                .isEqualTo(books.query("select paid_amount from billing_remittances", Long.class));
        Invariants.ofTests().hold();
    }

    @Test
    @Tag("chaos")
    void d8_aWholeRemittanceOfAHundredMegabytesIsPosted() throws IOException {
        var books = new RemittanceBooks(context);
        Path file = generated(240_000);
        assertThat(Files.size(file)).isGreaterThan(100 * MEGABYTE);
        Instant begun = Instant.now();

        var receipt = withFlatMemory(() -> receive(books, file));

        log.info(
                "{} MB with 240,000 claims posted in {} s",
                Files.size(file) / MEGABYTE,
                Duration.between(begun, Instant.now()).toSeconds());
        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(books.count("billing_remittance_claims")).isEqualTo(240_000);
        assertThat(books.balanceMinor("1050"))
                .isEqualTo(books.query("select paid_amount from billing_remittances", Long.class));
        Invariants.ofTests().hold();
    }

    @Test
    @Tag("chaos")
    void d8_pagesAnswerWhileAHundredMegabytesAreRead() throws IOException {
        var books = new RemittanceBooks(context);
        Path file = generated(240_000);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 30);
        }
        var browser =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        for (int i = 0; i < 20; i++) {
            answerOf(browser);
        }
        var idle = new ArrayList<Duration>();
        for (int i = 0; i < 100; i++) {
            idle.add(answerOf(browser));
        }

        var reading = CompletableFuture.supplyAsync(() -> receive(books, file));
        var busy = new ArrayList<Duration>();
        while (!reading.isDone()) {
            busy.add(answerOf(browser));
        }

        assertThat(reading.join().file().state()).isEqualTo(IntakeFile.State.REJECTED);
        log.info(
                "99 of 100 pages within {} ms when idle, within {} ms while 100 MB are read ({} pages)",
                slowest(idle).toMillis(),
                slowest(busy).toMillis(),
                busy.size());
        assertThat(busy).hasSizeGreaterThan(50);
        assertThat(slowest(busy).toMillis())
                .as("how long 99 of 100 pages take")
                .isLessThan(Math.max(3 * slowest(idle).toMillis(), 1_000));
    }

    private static Duration answerOf(TestClient browser) {
        Instant asked = Instant.now();
        assertThat(browser.get("/app/remittances").statusCode()).isEqualTo(200);
        return Duration.between(asked, Instant.now());
    }

    private static Duration slowest(List<Duration> answers) {
        return answers.stream().sorted().toList().get(answers.size() * 99 / 100);
    }

    private Path generated(int claims) throws IOException {
        Path file = directory.resolve("large.835");
        try (var out = Files.newOutputStream(file)) {
            Era835Generator.of(42, claims, 1).writeTo(out);
        }
        return file;
    }

    private static Receipt receive(RemittanceBooks books, Path file) {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
            return books.hospital.call(() -> books.bean(Remittances.class).receive("era-upload", "large.835", bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stays reachable while the work runs may not grow with the file. */
    private static <T> T withFlatMemory(Supplier<T> work) {
        long before = reachable();
        var most = new AtomicLong(before);
        Thread watch = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    Thread.sleep(2_000);
                    most.accumulateAndGet(reachable(), Math::max);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            return work.get();
        } finally {
            watch.interrupt();
            assertThat(most.get() - before).as("bytes beyond what was in use").isLessThan(64 * MEGABYTE);
        }
    }

    private static long reachable() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
