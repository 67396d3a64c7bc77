package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.benchmark.BenchmarkReport;
import io.remitflow.benchmark.Spent;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.remittance.feed.Era835Generator;
import io.remitflow.remittance.feed.EraReader;
import io.remitflow.remittance.feed.ReadingStep;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How fast remittances are read and posted, beside what is measured in the same run: bare bytes, the bare parser, a peer
 * and the database's own rate for the same rows. Times are never asserted, results always.
 */
@BooksTest
class RemittanceBenchmark {

    private static final int CLAIMS = Integer.getInteger("remitflow.bench.claims", 50_000);
    private static final int ROUNDS = Integer.getInteger("remitflow.bench.rounds", 3);
    /** Before these the compiler of the JVM has not seen enough of each step. */
    private static final int WARM_UP = 2;

    private static final long SEED = 50;
    private static final int LARGE_CLAIMS = 240_000;

    @Autowired
    ApplicationContext context;

    @TempDir
    Path directory;

    private final BenchmarkReport report = new BenchmarkReport("remittance", "Remittances: reading and posting");

    @Test
    void readsAndPostsRemittances() throws Exception {
        Path file = generated(Era835Generator.of(SEED, CLAIMS, 1).withLines(3), "bench.835");
        report.text("%,d claims of 3 lines in one ST, %,d bytes, %d rounds interleaved, medians."
                .formatted(CLAIMS, Files.size(file), ROUNDS));
        Map<ReadingStep, Spent> reading = measureReading(file);
        List<Posting> postings = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            postings.add(post(file));
        }
        Spent post = Spent.median(postings.stream().map(Posting::spent).toList());
        Spent inserts =
                Spent.median(postings.stream().map(each -> each.bare().spent()).toList());
        long rows = postings.getFirst().bare().rows();
        long memory = memoryOfPosting(file);
        reportTable(file, reading, post, inserts, rows, memory);
        reportSmallHeap();
        reportChunks(file);
        report.write();
        Invariants.ofTests().hold();
    }

    private Map<ReadingStep, Spent> measureReading(Path file) throws Exception {
        Map<ReadingStep, List<Spent>> all = new EnumMap<>(ReadingStep.class);
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            for (ReadingStep step : EnumSet.complementOf(EnumSet.of(ReadingStep.IMSWEB))) {
                Spent spent = Spent.on(
                        () -> assertThat(step.read(file)).as(step.title()).isEqualTo(CLAIMS));
                System.out.printf("%s: %.2f s, %.2f s CPU%n", step.title(), spent.seconds(), spent.cpuSeconds());
                if (round >= 0) {
                    all.computeIfAbsent(step, any -> new ArrayList<>()).add(spent);
                }
            }
        }
        Map<ReadingStep, Spent> medians = new EnumMap<>(ReadingStep.class);
        all.forEach((step, spent) -> medians.put(step, Spent.median(spent)));
        return medians;
    }

    private record Posting(Spent spent, BareInserts.Measured bare) {}

    /** Every round in a hospital of its own. */
    private Posting post(Path file) throws Exception {
        TestHospital hospital = BilledClaims.of(context, file);
        Spent spent = Spent.on(TestServices.postgres(), () -> {
            receive(hospital, file);
            return hospital;
        });
        assertThat(postedClaims(hospital)).isEqualTo(CLAIMS);
        Invariants.ofTests().hold();
        var bare = BareInserts.run(TestServices.postgres(), hospital);
        System.out.printf("posted with %s, its rows inserted with %s%n", spent, bare.spent());
        return new Posting(spent, bare);
    }

    private long memoryOfPosting(Path file) throws Exception {
        TestHospital hospital = BilledClaims.of(context, file);
        long before = reachable();
        var most = new AtomicLong(before);
        Thread watch = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    Thread.sleep(500);
                    most.accumulateAndGet(reachable(), Math::max);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            receive(hospital, file);
        } finally {
            watch.interrupt();
            watch.join();
        }
        return (most.get() - before) / 1_000_000;
    }

    private static long reachable() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void receive(TestHospital hospital, Path file) {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
            Receipt receipt =
                    hospital.call(() -> context.getBean(Remittances.class).receive("era-upload", "bench.835", bytes));
            assertThat(receipt.remittances())
                    .singleElement()
                    .satisfies(part -> assertThat(part.state()).isEqualTo(RemittanceState.POSTED));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long postedClaims(TestHospital hospital) {
        return hospital.call(() -> Objects.requireNonNull(context.getBean(TransactionTemplate.class)
                .execute(transaction -> context.getBean(JdbcClient.class)
                        .sql("select count(*) from billing_remittance_claims where treatment = 'posted'")
                        .query(Long.class)
                        .single())));
    }

    private void reportTable(
            Path file, Map<ReadingStep, Spent> reading, Spent post, Spent inserts, long rows, long postMemory)
            throws Exception {
        Spent bare = Objects.requireNonNull(reading.get(ReadingStep.BARE_STAEDI));
        List<List<String>> table = new ArrayList<>();
        for (ReadingStep step : ReadingStep.values()) {
            boolean heavy = step == ReadingStep.IMSWEB;
            Child child = inJvmOfItsOwn(step, file, heavy ? "-Xmx4g" : "-Xmx64m");
            assertThat(child.claims()).as(step.title()).isEqualTo(CLAIMS);
            Spent spent = heavy ? child.spent() : Objects.requireNonNull(reading.get(step));
            table.add(row(
                    step.title(),
                    spent,
                    share(bare, spent),
                    "",
                    "%d (whole process, %s)".formatted(child.megabytes(), heavy ? "-Xmx4g" : "-Xmx64m")));
        }
        table.add(row("batched insert of the %,d rows that posting adds".formatted(rows), inserts, "", "1.00", ""));
        table.add(row(
                "ours: parse + post (receive, store, check, read, post)",
                post,
                "",
                "%s (%.2f by the clock)".formatted(share(inserts, post), inserts.seconds() / post.seconds()),
                "%d (heap in use above the idle application)".formatted(postMemory)));
        report.table(
                List.of(
                        "step",
                        "seconds",
                        "CPU seconds",
                        "claims/s",
                        "claims/CPU s",
                        "/ bare StAEDI (CPU)",
                        "/ batched insert (CPU)",
                        "peak memory, MB"),
                table);
    }

    private static List<String> row(String title, Spent spent, String toReader, String toInsert, String memory) {
        return List.of(
                title,
                "%.2f".formatted(spent.seconds()),
                "%.2f".formatted(spent.cpuSeconds()),
                "%,.0f".formatted(CLAIMS / spent.seconds()),
                "%,.0f".formatted(CLAIMS / spent.cpuSeconds()),
                toReader,
                toInsert,
                memory);
    }

    private static String share(Spent reference, Spent ours) {
        return "%.2f".formatted(reference.cpuSeconds() / ours.cpuSeconds());
    }

    private void reportSmallHeap() throws Exception {
        Path large = generated(Era835Generator.of(42, LARGE_CLAIMS, 1), "large.835");
        Child child = inJvmOfItsOwn(ReadingStep.PARSE_AND_BALANCE, large, "-Xmx64m");
        assertThat(child.claims()).isEqualTo(LARGE_CLAIMS);
        report.text(
                "A file of %,d bytes (%,d claims) read and balanced with a heap of 64 MB: %.1f s (%.1f s CPU), %d MB resident."
                        .formatted(
                                Files.size(large),
                                LARGE_CLAIMS,
                                child.spent().seconds(),
                                child.spent().cpuSeconds(),
                                child.megabytes()));
        Files.delete(large);
    }

    /** D7: the same content whatever the sizes in which the bytes arrive. */
    private void reportChunks(Path file) throws IOException {
        Set<String> results = new HashSet<>();
        int[] sizes = {1, 2, 3, 7, 105, 106, 107, 4096, 65536};
        for (int size : sizes) {
            var seen = new Seen();
            try (InputStream bytes = new Chunks(Files.newInputStream(file), size)) {
                new EraReader().read(bytes, seen);
            }
            results.add(seen.hash + " " + seen.content);
        }
        assertThat(results).as("D7").hasSize(1);
        report.text("Read in chunks of %s bytes: one and the same result.".formatted(java.util.Arrays.toString(sizes)));
    }

    private record Child(long claims, Spent spent, long megabytes) {}

    private Child inJvmOfItsOwn(ReadingStep step, Path file, String heap) throws Exception {
        Path output = directory.resolve("output");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReadingStep.class.getName(),
                        step.name(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        String said = Files.readString(output, StandardCharsets.UTF_8);
        String[] numbers =
                said.strip().lines().reduce("", (first, last) -> last).split(" ");
        assertThat(numbers).as(said).hasSize(4);
        return new Child(
                Long.parseLong(numbers[0]),
                new Spent(Long.parseLong(numbers[1]) / 1000.0, Long.parseLong(numbers[2]) / 1000.0),
                Long.parseLong(numbers[3]));
    }

    private Path generated(Era835Generator generator, String name) throws IOException {
        Path file = directory.resolve(name);
        try (var out = Files.newOutputStream(file)) {
            generator.writeTo(out);
        }
        return file;
    }

    /** Hands out at most so many bytes at once. */
    private static final class Chunks extends InputStream {

        private final InputStream bytes;
        private final int size;

        private Chunks(InputStream bytes, int size) {
            this.bytes = new BufferedInputStream(bytes, 1 << 16);
            this.size = size;
        }

        @Override
        public int read() throws IOException {
            return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return bytes.read(target, offset, Math.min(length, size));
        }

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }

    /** Everything the reader said, as one number beside the content hash. */
    private static final class Seen implements EraHandler {

        private long hash;
        private String content = "";

        @Override
        public void transactionStarted(EraTransaction transaction) {
            hash = hash * 31 + transaction.hashCode();
        }

        @Override
        public void claim(EraClaim claim) {
            hash = hash * 31 + claim.hashCode();
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {
            hash = hash * 31 + adjustment.hashCode();
        }

        @Override
        public void transactionEnded(EraTotals totals) {
            hash = hash * 31 + totals.hashCode();
            content = totals.contentHash();
        }
    }
}
