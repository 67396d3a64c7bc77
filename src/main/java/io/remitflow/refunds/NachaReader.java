package io.remitflow.refunds;

import static java.time.format.ResolverStyle.STRICT;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what banks tell in an ACH file: returns (addenda 99), notices of change (addenda 98), and of payments that came in
 * (CCD+ and CTX) the trace number of their remittance, which is in the TRN segment of their addenda 05.
 *
 * <p>A file whose counts, hashes or totals do not fit its entries says something else than its sender meant: it is
 * refused as a whole, with the line and the reason.
 */
final class NachaReader {

    private static final long TEN_DIGITS = 10_000_000_000L;

    /** Of the payer, in the words of its 835: TRN02 and TRN03. */
    private static final Pattern TRACE =
            Pattern.compile("TRN\\*1\\*([^*~\\\\]{1,50})(?:\\*([^*~\\\\]{1,10}))?(?:[*~\\\\]|\\s*$)");

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuMMdd").withResolverStyle(STRICT);

    private final List<Item> items = new ArrayList<>();
    private final List<Advice> advices = new ArrayList<>();
    private final Totals file = new Totals();
    private @Nullable Totals batch;
    private @Nullable String batchHeader;
    private @Nullable String entry;
    private int entryLine;
    private StringBuilder payment = new StringBuilder();
    private int batches;
    private int number;

    /**
     * What a bank says about one entry of ours.
     *
     * @param line of the file, from 1
     * @param notice a notice of change, and no return
     * @param corrected what a notice gives instead, empty for a return
     */
    record Item(int line, boolean notice, String code, String originalTrace, long amountMinor, String corrected) {}

    /**
     * A payment that came in, as its addenda describe it.
     *
     * @param line of the file, from 1
     * @param effectiveOn when the payer meant it to arrive; null if the file does not say
     * @param amountMinor above zero
     * @param company what the payer is called in the batch
     */
    record Advice(
            int line,
            @Nullable LocalDate effectiveOn,
            long amountMinor,
            String traceNumber,
            String payerIdentifier,
            String company) {}

    /** All that a file says, in its order. */
    record Content(List<Item> items, List<Advice> advices) {}

    private NachaReader() {}

    /** @throws RuleViolation {@link Refusal#FILE_REJECTED} */
    static Content read(String text) {
        NachaReader reader = new NachaReader();
        List<String> lines = lines(text);
        boolean ended = false;
        for (String line : lines) {
            reader.number++;
            if (ended) {
                if (!line.equals("9".repeat(NachaFile.LINE))) {
                    throw reader.wrong("something follows the control record of the file");
                }
            } else {
                ended = reader.accept(line, lines.size());
            }
        }
        if (!ended) {
            throw reader.wrong("the control record of the file is missing");
        }
        return new Content(List.copyOf(reader.items), List.copyOf(reader.advices));
    }

    /** With line breaks or without any; blanks at the end of a line may be gone. */
    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        if (text.strip().indexOf('\n') < 0 && text.strip().length() > NachaFile.LINE) {
            String all = text.replace("\r", "");
            for (int at = 0; at < all.length(); at += NachaFile.LINE) {
                lines.add(all.substring(at, Math.min(all.length(), at + NachaFile.LINE)));
            }
        } else {
            text.lines().forEach(lines::add);
        }
        while (!lines.isEmpty() && lines.getLast().isBlank()) {
            lines.removeLast();
        }
        return lines.stream()
                .map(line -> line + " ".repeat(Math.max(0, NachaFile.LINE - line.length())))
                .toList();
    }

    private boolean accept(String line, int lines) {
        if (line.length() != NachaFile.LINE) {
            throw wrong("a line has %d characters instead of 94".formatted(line.length()));
        }
        if (number == 1 && line.charAt(0) != '1') {
            throw wrong("an ACH file begins with a record of type 1");
        }
        switch (line.charAt(0)) {
            case '1' -> {
                if (number != 1) {
                    throw wrong("a second header of the file");
                }
            }
            case '5' -> startBatch(line);
            case '6' -> entry(line);
            case '7' -> addenda(line);
            case '8' -> endBatch(line);
            case '9' -> {
                endFile(line, lines);
                return true;
            }
            default -> throw wrong("there is no record of type '" + line.charAt(0) + "'");
        }
        return false;
    }

    private void startBatch(String line) {
        if (batch != null) {
            throw wrong("a batch begins before the one before it has ended");
        }
        batch = new Totals();
        batchHeader = line;
        entry = null;
        batches++;
    }

    private void entry(String line) {
        Totals open = openBatch();
        long amount = digits(line, 29, 39, "amount");
        boolean credit = digits(line, 2, 3, "transaction code") < 5;
        long bank = digits(line, 3, 11, "receiving bank");
        open.add(bank, credit ? 0 : amount, credit ? amount : 0);
        file.add(bank, credit ? 0 : amount, credit ? amount : 0);
        endPayment();
        entry = line;
        entryLine = number;
    }

    private void addenda(String line) {
        Totals open = openBatch();
        String of = entry;
        if (of == null) {
            throw wrong("an addenda record without an entry");
        }
        open.records++;
        file.records++;
        String type = line.substring(1, 3);
        if (type.equals("05")) {
            payment.append(line, 3, 83);
        }
        if (type.equals("99") || type.equals("98")) {
            boolean notice = type.equals("98");
            String trace = line.substring(6, 21);
            if (!trace.matches("\\d{15}")) {
                throw wrong("the trace number of the original entry is not fifteen digits");
            }
            String code = line.substring(3, 6);
            if (!code.matches(notice ? "C\\d\\d" : "R\\d\\d")) {
                throw wrong("there is no code like '%s'".formatted(code));
            }
            items.add(new Item(
                    number,
                    notice,
                    code,
                    trace,
                    digits(of, 29, 39, "amount"),
                    notice ? line.substring(35, 64).stripTrailing() : ""));
        }
    }

    /** The addenda of an entry are one text, cut into pieces of 80. */
    private void endPayment() {
        String header = batchHeader;
        String of = entry;
        Matcher trace = TRACE.matcher(payment);
        if (header != null
                && of != null
                && trace.find()
                && List.of("CCD", "CTX").contains(header.substring(50, 53))) {
            long amount = digits(of, 29, 39, "amount");
            if (amount > 0 && digits(of, 2, 3, "transaction code") < 5) {
                advices.add(new Advice(
                        entryLine,
                        day(header.substring(69, 75)),
                        amount,
                        trace.group(1).strip(),
                        trace.group(2) == null ? "" : trace.group(2).strip(),
                        header.substring(4, 20).strip()));
            }
        }
        payment = new StringBuilder();
    }

    private static @Nullable LocalDate day(String text) {
        try {
            return LocalDate.parse(text, DAY);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private void endBatch(String line) {
        Totals open = openBatch();
        endPayment();
        open.compare(
                "batch",
                digits(line, 4, 10, "count"),
                digits(line, 10, 20, "hash"),
                digits(line, 20, 32, "debits"),
                digits(line, 32, 44, "credits"));
        String header = batchHeader;
        if (header != null && !header.substring(79, 94).equals(line.substring(79, 94))) {
            throw wrong("bank and number of the batch differ between its header and its control record");
        }
        batch = null;
        entry = null;
    }

    private void endFile(String line, int lines) {
        if (batch != null) {
            throw wrong("the file ends inside a batch");
        }
        long counted = digits(line, 1, 7, "batch count");
        if (counted != batches) {
            throw wrong("the file has %d batches, its control record says %d".formatted(batches, counted));
        }
        long blocks = digits(line, 7, 13, "block count");
        long expected = (number + 9) / 10;
        if (blocks != expected || lines > blocks * 10) {
            throw wrong("the file has %d blocks, its control record says %d".formatted(expected, blocks));
        }
        file.compare(
                "file",
                digits(line, 13, 21, "count"),
                digits(line, 21, 31, "hash"),
                digits(line, 31, 43, "debits"),
                digits(line, 43, 55, "credits"));
    }

    private Totals openBatch() {
        Totals open = batch;
        if (open == null) {
            throw wrong("a record outside of a batch");
        }
        return open;
    }

    private long digits(String line, int from, int to, String what) {
        String text = line.substring(from, to);
        if (!text.matches("\\d+")) {
            throw wrong("the %s is not a number".formatted(what));
        }
        return Long.parseLong(text);
    }

    private RuleViolation wrong(String reason) {
        return new RuleViolation(Refusal.FILE_REJECTED, "line %d: %s".formatted(Math.max(1, number), reason));
    }

    /** Of a batch or of the file. */
    private final class Totals {

        private long records;
        private long hash;
        private long debits;
        private long credits;

        void add(long bank, long debit, long credit) {
            records++;
            hash = (hash + bank) % TEN_DIGITS;
            debits += debit;
            credits += credit;
        }

        void compare(String of, long count, long statedHash, long statedDebits, long statedCredits) {
            require(of, "entries and addenda", records, count);
            require(of, "entry hash", hash, statedHash);
            require(of, "total of debits in cents", debits, statedDebits);
            require(of, "total of credits in cents", credits, statedCredits);
        }

        private void require(String of, String what, long found, long stated) {
            if (found != stated) {
                throw wrong("%s of the %s: found %d, its control record says %d".formatted(what, of, found, stated));
            }
        }
    }
}
