package io.remitflow.remittance.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.remittance.EraClaim;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraTotals;
import io.remitflow.remittance.EraTransaction;
import io.remitflow.remittance.ProviderAdjustment;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EraMemoryTests {

    /** About 100 MB, all in one transaction. */
    private static final int CLAIMS = 240_000;

    @TempDir
    Path directory;

    @Test
    void v21_d8_readsHundredMegabytesInAHeapOfSixtyFour() throws Exception {
        var file = directory.resolve("large.835");
        try (var out = Files.newOutputStream(file)) {
            Era835Generator.of(42, CLAIMS, 1).writeTo(out);
        }
        assertThat(Files.size(file)).isGreaterThan(100_000_000);
        var output = directory.resolve("output");

        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reading.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly();
        }

        assertThat(ended).isTrue();
        assertThat(Files.readString(output)).startsWith("claims=" + CLAIMS + " balanced=true");
        System.out.println(Files.readString(output));
    }

    /** The program that the test runs in a small heap. */
    static final class Reading implements EraHandler {

        private int claims;
        private boolean balanced = true;

        private Reading() {}

        public static void main(String[] arguments) throws IOException {
            long started = System.nanoTime();
            var reading = new Reading();
            try (var bytes = new BufferedInputStream(Files.newInputStream(Path.of(arguments[0])))) {
                new EraReader().read(bytes, reading);
            }
            System.out.printf(
                    "claims=%d balanced=%b ms=%d%n",
                    reading.claims, reading.balanced, (System.nanoTime() - started) / 1_000_000);
        }

        @Override
        public void transactionStarted(EraTransaction transaction) {}

        @Override
        public void claim(EraClaim claim) {
            claims++;
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {}

        @Override
        public void transactionEnded(EraTotals totals) {
            balanced &= totals.balance().isBalanced();
        }
    }
}
