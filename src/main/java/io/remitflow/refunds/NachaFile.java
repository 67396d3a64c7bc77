package io.remitflow.refunds;

import java.math.BigInteger;
import java.text.Normalizer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.springframework.util.Assert;

/**
 * An ACH file of one batch of credits to consumers (PPD), as NACHA lays it out: lines of 94 characters, ten to a block.
 *
 * @param number of the batch, up to seven digits
 * @param modifier tells the files of one day apart
 */
record NachaFile(
        AchOriginator originator,
        LocalDateTime createdAt,
        char modifier,
        long number,
        LocalDate effectiveOn,
        String fileReference,
        List<Entry> entries) {

    static final int LINE = 94;
    private static final int BLOCK = 10;
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyMMdd", Locale.ROOT);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HHmm", Locale.ROOT);

    /** Credits only. */
    private static final String SERVICE_CLASS = "220";

    /**
     * @param trace fifteen digits, the first eight of our bank
     * @param individualId what we call the payment, here the number of the refund
     */
    record Entry(
            RoutingNumber receiver,
            String accountNumber,
            AchDestination.Type type,
            long amountMinor,
            String individualId,
            String name,
            String trace) {}

    NachaFile {
        entries = List.copyOf(entries);
        Assert.isTrue(!entries.isEmpty(), "a batch has entries");
    }

    /** Sum of the receiving banks' numbers without check digit, its last ten digits. */
    String entryHash() {
        BigInteger sum = entries.stream()
                .map(entry -> new BigInteger(entry.receiver().withoutCheckDigit()))
                .reduce(BigInteger.ZERO, BigInteger::add);
        return "%010d".formatted(sum.mod(BigInteger.TEN.pow(10)));
    }

    long totalMinor() {
        return entries.stream().mapToLong(Entry::amountMinor).reduce(0, Math::addExact);
    }

    String text() {
        StringBuilder text = new StringBuilder();
        line(text, header());
        line(text, batchHeader());
        for (Entry entry : entries) {
            line(text, entry(entry));
            line(text, addenda(entry));
        }
        line(text, batchControl());
        int lines = 2 * entries.size() + 4;
        int blocks = (lines + BLOCK - 1) / BLOCK;
        line(text, fileControl(blocks));
        for (int filler = lines; filler < blocks * BLOCK; filler++) {
            line(text, "9".repeat(LINE));
        }
        return text.toString();
    }

    private String header() {
        return "101"
                + right(originator.odfiRouting(), 10)
                + right(originator.immediateOrigin(), 10)
                + DAY.format(createdAt)
                + TIME.format(createdAt)
                + modifier
                + "094101"
                + left(originator.destinationName(), 23)
                + left(originator.originName(), 23)
                + left(fileReference, 8);
    }

    private String batchHeader() {
        return "5"
                + SERVICE_CLASS
                + left(originator.companyName(), 16)
                + " ".repeat(20)
                + left(originator.companyId(), 10)
                + "PPD"
                + left(originator.entryDescription(), 10)
                + DAY.format(createdAt)
                + DAY.format(effectiveOn)
                + "   1"
                + originator.odfi().withoutCheckDigit()
                + digits(number, 7);
    }

    private static String entry(Entry entry) {
        return "6"
                + (entry.type() == AchDestination.Type.CHECKING ? "22" : "32")
                + entry.receiver().digits()
                + left(entry.accountNumber(), 17)
                + digits(entry.amountMinor(), 10)
                + left(entry.individualId(), 15)
                + left(entry.name(), 22)
                + "  1"
                + entry.trace();
    }

    private static String addenda(Entry entry) {
        return "705" + left("REFUND " + entry.individualId(), 80) + "0001"
                + entry.trace().substring(8);
    }

    private String batchControl() {
        return "8"
                + SERVICE_CLASS
                + digits(2L * entries.size(), 6)
                + entryHash()
                + digits(0, 12)
                + digits(totalMinor(), 12)
                + left(originator.companyId(), 10)
                + " ".repeat(25)
                + originator.odfi().withoutCheckDigit()
                + digits(number, 7);
    }

    private String fileControl(int blocks) {
        return "9"
                + digits(1, 6)
                + digits(blocks, 6)
                + digits(2L * entries.size(), 8)
                + entryHash()
                + digits(0, 12)
                + digits(totalMinor(), 12)
                + " ".repeat(39);
    }

    private static void line(StringBuilder text, String line) {
        Assert.state(line.length() == LINE, () -> "a line of an ACH file has 94 characters, not " + line.length());
        text.append(line).append('\n');
    }

    private static String left(String text, int length) {
        String plain = plain(text);
        return plain.length() >= length ? plain.substring(0, length) : plain + " ".repeat(length - plain.length());
    }

    private static String right(String text, int length) {
        return " ".repeat(Math.max(0, length - text.length())) + text;
    }

    private static String digits(long value, int length) {
        String text = Long.toString(value);
        Assert.state(value >= 0 && text.length() <= length, "a number does not fit into its field");
        return "0".repeat(length - text.length()) + text;
    }

    /** Banks take plain ASCII only: accents are left out, what has no plain form becomes a space. */
    static String plain(String text) {
        return Normalizer.normalize(text.replace('\u0111', 'd').replace('\u0110', 'D'), Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .replaceAll("[^ -~]", " ")
                .toUpperCase(Locale.ROOT);
    }
}
