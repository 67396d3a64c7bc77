package io.remitflow.remittance.feed;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Writes balanced 835 files of any size: the same parameters and seed always give the same bytes.
 *
 * @param lines of each claim; 0: between one and four
 * @param terminator segment end mark
 * @param lineEnd written after each segment, may be empty
 */
public record Era835Generator(
        long seed,
        int claims,
        int lines,
        int transactions,
        char element,
        char component,
        char terminator,
        String lineEnd) {

    public static Era835Generator of(long seed, int claims, int transactions) {
        return new Era835Generator(seed, claims, 0, transactions, '*', ':', '~', "\n");
    }

    public Era835Generator withLines(int perClaim) {
        return new Era835Generator(seed, claims, perClaim, transactions, element, component, terminator, lineEnd);
    }

    public Era835Generator withDelimiters(char element, char component, char terminator, String lineEnd) {
        return new Era835Generator(seed, claims, lines, transactions, element, component, terminator, lineEnd);
    }

    public byte[] bytes() {
        var bytes = new ByteArrayOutputStream();
        writeTo(bytes);
        return bytes.toByteArray();
    }

    public String text() {
        return new String(bytes(), StandardCharsets.US_ASCII);
    }

    /** Without holding more than one remittance's sums in memory. */
    public void writeTo(OutputStream out) {
        try {
            var buffered = new BufferedOutputStream(out, 1 << 16);
            new Writing(buffered).file();
            buffered.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Writing {

        private final OutputStream out;
        private final StringBuilder buffer = new StringBuilder();
        private int segments;

        Writing(OutputStream out) {
            this.out = out;
        }

        void file() throws IOException {
            segment(
                    "ISA",
                    "00",
                    " ".repeat(10),
                    "00",
                    " ".repeat(10),
                    "ZZ",
                    pad("PAYER"),
                    "ZZ",
                    pad("HOSPITAL"),
                    "260102",
                    "0803",
                    element == '^' ? "&" : "^",
                    "00501",
                    "000000905",
                    "0",
                    "P",
                    String.valueOf(component));
            segment("GS", "HP", "PAYER", "HOSPITAL", "20260102", "0803", "905", "X", "005010X221A1");
            for (int i = 0; i < transactions; i++) {
                transaction(i);
            }
            segment("GE", String.valueOf(transactions), "905");
            segment("IEA", "1", "000000905");
            flush();
        }

        /** Written twice with the same random numbers: once only to know the sum that the BPR needs. */
        private void transaction(int index) throws IOException {
            int from = (int) ((long) claims * index / transactions);
            int to = (int) ((long) claims * (index + 1) / transactions);
            long claimsPaid = 0;
            var forSum = random(index);
            for (int i = from; i < to; i++) {
                claimsPaid += Claim.next(forSum, lines).paid();
            }
            long withheld = plb(index, claimsPaid);
            long paid = claimsPaid - withheld;
            segments = 0;
            segment("ST", "835", "%04d".formatted(index + 1));
            if (paid == 0) {
                segment("BPR", "H", "0", "C", "NON", "", "", "", "", "", "", "", "", "", "", "", "20260105");
            } else {
                segment(
                        "BPR",
                        "I",
                        money(paid),
                        "C",
                        "ACH",
                        "CCP",
                        "01",
                        "999999992",
                        "DA",
                        "123456",
                        "1512345678",
                        "",
                        "01",
                        "999988880",
                        "DA",
                        "98765",
                        "20260105");
            }
            segment("TRN", "1", "T%d-%d".formatted(seed, index + 1), "1512345678");
            segment("DTM", "405", "20260102");
            segment("N1", "PR", "INSURANCE OF EXAMPLE");
            segment("N3", "1 MAIN STREET");
            segment("N4", "SPRINGFIELD", "IL", "62701");
            segment("REF", "2U", "999");
            segment("N1", "PE", "EXAMPLE HOSPITAL", "XX", "1234567893");
            segment("REF", "TJ", "123456789");
            segment("LX", "1");
            var random = random(index);
            for (int i = from; i < to; i++) {
                claim(i, Claim.next(random, lines));
            }
            if (withheld != 0) {
                segment("PLB", "1234567893", "20261231", "WO" + component + "R" + index, money(withheld));
            }
            segment("SE", String.valueOf(segments + 1), "%04d".formatted(index + 1));
        }

        private void claim(int index, Claim claim) throws IOException {
            segment(
                    "CLP",
                    "A%07d".formatted(index),
                    claim.paid() == 0 ? "4" : "1",
                    money(claim.charged()),
                    money(claim.paid()),
                    money(claim.patient()),
                    "12",
                    "P%09d".formatted(index),
                    "11",
                    "1");
            segment("NM1", "QC", "1", "DOE", "JANE", "", "", "", "MI", "M%08d".formatted(index));
            segment("NM1", "82", "2", "EXAMPLE HOSPITAL", "", "", "", "", "XX", "1234567893");
            segment("DTM", "232", "20251201");
            segment("DTM", "233", "20251203");
            for (int i = 0; i < claim.lines.length; i++) {
                var line = claim.lines[i];
                segment("SVC", "HC" + component + (99201 + i), money(line.charged), money(line.paid), "", "1");
                segment("DTM", "472", "20251201");
                if (line.contractual != 0) {
                    segment("CAS", "CO", "45", money(line.contractual));
                }
                if (line.deductible != 0 && line.coinsurance != 0) {
                    segment("CAS", "PR", "1", money(line.deductible), "", "2", money(line.coinsurance));
                } else if (line.deductible != 0) {
                    segment("CAS", "PR", "1", money(line.deductible));
                } else if (line.coinsurance != 0) {
                    segment("CAS", "PR", "2", money(line.coinsurance));
                }
                segment("REF", "6R", String.valueOf(i + 1));
                segment("AMT", "B6", money(line.charged - line.contractual));
            }
        }

        private long plb(int index, long claimsPaid) {
            long wanted = Math.floorMod(seed * 31 + index * 17L, 50_000L);
            return Math.min(wanted, claimsPaid);
        }

        private Random random(int index) {
            return new Random(seed * 1_000_003 + index);
        }

        private void segment(String id, String... elements) throws IOException {
            segments++;
            buffer.append(id);
            for (var each : elements) {
                buffer.append(element).append(each);
            }
            buffer.append(terminator).append(lineEnd);
            if (buffer.length() > 1 << 15) {
                flush();
            }
        }

        private void flush() throws IOException {
            out.write(buffer.toString().getBytes(StandardCharsets.UTF_8));
            buffer.setLength(0);
        }

        private static String pad(String text) {
            return "%-15s".formatted(text);
        }

        private static String money(long minor) {
            return BigDecimal.valueOf(minor, 2).toPlainString();
        }
    }

    private record Line(long charged, long contractual, long deductible, long coinsurance, long paid) {}

    private record Claim(Line... lines) {

        static Claim next(Random random, int count) {
            var lines = new Line[count == 0 ? 1 + random.nextInt(4) : count];
            for (int i = 0; i < lines.length; i++) {
                long charged = 1 + random.nextInt(500_000);
                long contractual = random.nextInt(3) == 0 ? 0 : random.nextLong(charged + 1);
                long rest = charged - contractual;
                long deductible = random.nextInt(3) > 0 ? 0 : random.nextLong(rest + 1);
                long coinsurance = random.nextInt(2) > 0 ? 0 : random.nextLong(rest - deductible + 1);
                lines[i] = new Line(charged, contractual, deductible, coinsurance, rest - deductible - coinsurance);
            }
            return new Claim(lines);
        }

        long charged() {
            return sum(0);
        }

        long patient() {
            return sum(1);
        }

        long paid() {
            return sum(2);
        }

        private long sum(int what) {
            long sum = 0;
            for (var line : lines) {
                sum += switch (what) {
                    case 0 -> line.charged;
                    case 1 -> line.deductible + line.coinsurance;
                    default -> line.paid;
                };
            }
            return sum;
        }
    }
}
