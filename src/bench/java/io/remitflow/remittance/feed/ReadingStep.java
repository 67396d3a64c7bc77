package io.remitflow.remittance.feed;

import com.imsweb.x12.reader.X12Reader;
import io.remitflow.remittance.EraClaim;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraTotals;
import io.remitflow.remittance.EraTransaction;
import io.remitflow.remittance.ProviderAdjustment;
import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamEvent;
import io.xlate.edi.stream.EDIStreamException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Ways to read an 835, from bare bytes to what our posting reads; each counts the claims it sees. */
public enum ReadingStep {
    SPLIT_BYTES("split only (bytes, count segment ends)") {
        @Override
        public long read(Path file) throws IOException {
            byte[] buffer = new byte[1 << 16];
            byte previous = '~';
            long claims = 0;
            int sinceEnd = 0;
            try (var in = Files.newInputStream(file)) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    for (int i = 0; i < count; i++) {
                        byte b = buffer[i];
                        if (b == '~') {
                            sinceEnd = 0;
                        } else if (b != '\n') {
                            sinceEnd++;
                            claims += sinceEnd == 3 && b == 'P' && previous == 'L' ? 1 : 0;
                        }
                        previous = b;
                    }
                }
            }
            return claims;
        }
    },
    SPLIT_TEXT("split into strings (naive)") {
        @Override
        public long read(Path file) throws IOException {
            long claims = 0;
            try (var in = new java.util.Scanner(file, StandardCharsets.US_ASCII).useDelimiter("~\n?")) {
                while (in.hasNext()) {
                    claims += in.next().split("\\*")[0].equals("CLP") ? 1 : 0;
                }
            }
            return claims;
        }
    },
    BARE_STAEDI("bare StAEDI reader, control checks off") {
        @Override
        public long read(Path file) throws IOException {
            return staedi(file, false);
        }
    },
    BARE_STAEDI_CHECKING("bare StAEDI reader, its control checks on") {
        @Override
        public long read(Path file) throws IOException {
            return staedi(file, true);
        }
    },
    PARSE("ours: parse only, into claims") {
        @Override
        public long read(Path file) throws IOException {
            var claims = new ClaimsOnly();
            try (var in = Files.newInputStream(file)) {
                var source = new EraSource(in);
                EraReader.readSegments(EraReader.parser(source), source, claims::segment);
            } catch (EDIStreamException e) {
                throw new IOException(e);
            }
            return claims.built;
        }
    },
    PARSE_AND_BALANCE("ours: parse + balance + content hash") {
        @Override
        public long read(Path file) throws IOException {
            var handler = new Balanced();
            try (var in = Files.newInputStream(file)) {
                new EraReader().read(in, handler);
            }
            if (!handler.balanced) {
                throw new IllegalStateException("the generated file does not balance");
            }
            return handler.claims;
        }
    },
    IMSWEB("peer: imsweb x12-parser 1.13 (whole file in memory)") {
        @Override
        public long read(Path file) throws IOException {
            var reader = new X12Reader(X12Reader.FileType.ANSI835_5010_X221, file.toFile(), StandardCharsets.US_ASCII);
            return reader.getLoops().stream()
                    .flatMap(loop -> loop.findLoop("2100").stream())
                    .count();
        }
    };

    private final String title;

    ReadingStep(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    /** @return the claims seen */
    public abstract long read(Path file) throws IOException;

    /** The program of a JVM of its own: step and file; says the claims, the time, the CPU time and the most memory it had. */
    public static void main(String[] arguments) throws IOException {
        long started = System.nanoTime();
        long claims = valueOf(arguments[0]).read(Path.of(arguments[1]));
        long cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        System.out.printf(
                Locale.ROOT,
                "%d %d %d %d%n",
                claims,
                (System.nanoTime() - started) / 1_000_000,
                cpuNanos / 1_000_000,
                residentMegabytes());
    }

    /** The most of this process that was in memory at once; -1 where the system does not say. */
    private static long residentMegabytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return -1;
        }
        List<String> lines = Files.readAllLines(status);
        return lines.stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1000)
                .findFirst()
                .orElse(-1);
    }

    private static long staedi(Path file, boolean controlChecks) throws IOException {
        long claims = 0;
        long characters = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                var parser = factory(controlChecks).createEDIStreamReader(in, StandardCharsets.UTF_8.name())) {
            while (parser.hasNext()) {
                EDIStreamEvent event = parser.next();
                if (event == EDIStreamEvent.START_SEGMENT) {
                    claims += parser.getText().equals("CLP") ? 1 : 0;
                } else if (event == EDIStreamEvent.ELEMENT_DATA) {
                    characters += parser.getText().length();
                }
            }
        } catch (EDIStreamException e) {
            throw new IOException(e);
        }
        return characters > 0 ? claims : -1;
    }

    private static EDIInputFactory factory(boolean controlChecks) {
        var factory = EDIInputFactory.newFactory();
        factory.setProperty(EDIInputFactory.EDI_VALIDATE_CONTROL_STRUCTURE, controlChecks);
        factory.setProperty(EDIInputFactory.EDI_VALIDATE_CONTROL_CODE_VALUES, controlChecks);
        return factory;
    }

    /** Claim objects as our reader builds them, without envelope, balancing and hash. */
    private static final class ClaimsOnly {

        private @Nullable ClaimBuilder claim;
        private int begun;
        private long built;

        void segment(Segment segment) {
            switch (segment.id()) {
                case "CLP" -> {
                    end();
                    claim = new ClaimBuilder(++begun, segment);
                }
                case "LX", "PLB", "SE" -> end();
                default -> {
                    if (claim != null) {
                        claim.segment(segment);
                    }
                }
            }
        }

        private void end() {
            if (claim != null) {
                built += claim.build().lines().isEmpty() ? 0 : 1;
                claim = null;
            }
        }
    }

    private static final class Balanced implements EraHandler {

        private long claims;
        private boolean balanced = true;

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
