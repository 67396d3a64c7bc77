package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Files far larger than what may be kept in memory, through the service to the database. */
@BooksTest
class LargeFileIntegrationTests {

    private static final long MEGABYTE = 1_000_000;

    @Autowired
    ApplicationContext context;

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
    void d8_twentyThousandClaimsOfOneRemittanceArePosted() throws IOException {
        var books = new RemittanceBooks(context);
        Path file = generated(20_000);

        var receipt = withFlatMemory(() -> receive(books, file));

        assertThat(receipt.remittances())
                .singleElement()
                .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        assertThat(books.count("billing_remittance_claims")).isEqualTo(20_000);
        assertThat(books.balanceMinor("1050"))
                .isEqualTo(books.query("select paid_amount from billing_remittances", Long.class));
        Invariants.ofTests().hold();
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
