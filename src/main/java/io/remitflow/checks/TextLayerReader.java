package io.remitflow.checks;

import io.remitflow.checks.CheckReading.Found;
import io.remitflow.checks.CheckReading.Line;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.contentstream.operator.Operator;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.pdfbox.text.TextPosition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads digital PDFs: those whose pages hold letters and not only pictures. A scan is left to people.
 *
 * <p>Everything before "pay to the order of" is the head of a check; lines with an amount below it, until the next check,
 * are what its stub says. A page with neither is the envelope.
 */
@Component
class TextLayerReader implements CheckReader {

    private static final String NAME = "text-layer";
    private static final Pattern PAYEE = Pattern.compile("(?i)pay to the order of[: ]*(.*)");
    private static final Pattern COURTESY = Pattern.compile("\\$ ?\\*{0,4} ?([0-9][0-9,]*\\.[0-9]{2})");
    private static final Pattern NUMBER =
            Pattern.compile("(?i)\\b(?:check|chk|no|number)\\b[ .:#]*(?:no|number)?[ .:#]*([0-9]{1,10})\\b");
    private static final Pattern DATE =
            Pattern.compile("\\b([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\\b|\\b([0-9]{4})-([0-9]{2})-([0-9]{2})\\b");
    private static final Pattern MEMO = Pattern.compile("(?i)^(?:memo|for)\\b[: ]+(.+)");
    private static final Pattern SIGNED = Pattern.compile("(?i)(?:/s/|signed[: ]+\\S)");
    private static final Pattern UNSIGNED = Pattern.compile("(?i)signature[: ]*_{2,}");
    private static final Pattern LINE_AMOUNT = Pattern.compile("(-?)\\$?([0-9][0-9,]*\\.[0-9]{2})\\s*$");
    private static final Pattern LINE_NUMBER = Pattern.compile("\\b([A-Z]{2,5}[- ]?[0-9][0-9-]{2,20})\\b");
    private static final Pattern SECTION =
            Pattern.compile("(?i)^(?:remittance|stub).*\\b(?:check|no)\\b[ .:#]*([0-9]{1,10})\\b");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CheckReading read(PacketContent packet) {
        if (!packet.mediaType().equals("application/pdf")) {
            return CheckReading.nothing(NAME, "It is a picture: enter by hand what it shows");
        }
        List<Printed> lines;
        try (PDDocument document = Loader.loadPDF(packet.bytes())) {
            lines = new Lines().of(document);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            return CheckReading.nothing(NAME, "Its text cannot be read: enter by hand what it shows");
        }
        List<Found> found = found(lines);
        return found.isEmpty()
                ? CheckReading.nothing(NAME, "No check was recognized in its text: enter by hand what it shows")
                : new CheckReading(NAME, found, null);
    }

    private static List<Found> found(List<Printed> lines) {
        List<Draft> drafts = new ArrayList<>();
        List<Printed> head = new ArrayList<>();
        Draft section = null;
        int page = 0;
        for (Printed line : lines) {
            if (line.page() != page) {
                page = line.page();
                head.clear();
            }
            Matcher payee = PAYEE.matcher(line.text());
            Matcher stub = SECTION.matcher(line.text());
            if (payee.find()) {
                section = new Draft(List.copyOf(head), line, payee.group(1));
                drafts.add(section);
                head.clear();
            } else if (stub.find()) {
                section = ofNumber(drafts, stub.group(1)).orElse(section);
            } else if (section == null || !section.take(line)) {
                head.add(line);
            }
        }
        return drafts.stream().map(Draft::found).toList();
    }

    private static Optional<Draft> ofNumber(List<Draft> drafts, String number) {
        return drafts.stream()
                .filter(draft -> draft.number != null
                        && draft.number.replaceFirst("^0+", "").equals(number.replaceFirst("^0+", "")))
                .findFirst();
    }

    private static Optional<LocalDate> date(String text) {
        Matcher date = DATE.matcher(text);
        try {
            if (!date.find()) {
                return Optional.empty();
            }
            return Optional.of(
                    date.group(1) != null
                            ? LocalDate.of(number(date, 3), number(date, 1), number(date, 2))
                            : LocalDate.of(number(date, 4), number(date, 5), number(date, 6)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    private static BigDecimal amount(String digits) {
        return new BigDecimal(digits.replace(",", ""));
    }

    /** A line of print and where it stands. */
    private record Printed(int page, String text, FieldBox box) {}

    /** A check while it is being read. */
    private static final class Draft {

        private final Map<String, FieldBox> boxes = new HashMap<>();
        private final List<Line> lines = new ArrayList<>();
        private final int firstPage;
        private int lastPage;
        private @Nullable String number;
        private @Nullable LocalDate date;
        private @Nullable String payer;
        private @Nullable String payee;
        private @Nullable String memo;
        private @Nullable BigDecimal courtesy;
        private @Nullable BigDecimal legal;
        private @Nullable Boolean signed;

        private Draft(List<Printed> head, Printed payeeLine, String afterPayee) {
            firstPage = payeeLine.page();
            lastPage = firstPage;
            for (Printed line : head) {
                head(line);
            }
            Matcher digits = COURTESY.matcher(afterPayee);
            if (digits.find()) {
                courtesy = amount(digits.group(1));
                boxes.put("amount", payeeLine.box());
            }
            String name = digits.replaceFirst("").replace("$", "").strip();
            if (!name.isEmpty()) {
                payee = name;
                boxes.put("payeeName", payeeLine.box());
            }
        }

        /** The payer's name stands first; its address, number and date follow. */
        private void head(Printed line) {
            Matcher printed = NUMBER.matcher(line.text());
            if (number == null && printed.find()) {
                number = printed.group(1);
                boxes.put("checkNumber", line.box());
            }
            Optional<LocalDate> day = date(line.text());
            if (date == null && day.isPresent()) {
                date = day.get();
                boxes.put("date", line.box());
            }
            if (payer == null) {
                String name = NUMBER.matcher(line.text()).replaceAll("");
                name = DATE.matcher(name)
                        .replaceAll("")
                        .replaceAll("(?i)\\bdate\\b[: ]*", "")
                        .strip();
                if (name.codePoints().filter(Character::isLetter).count() >= 3) {
                    payer = name;
                    boxes.put("payerName", line.box());
                }
            }
        }

        /** @return false if the line is none of this check */
        private boolean take(Printed line) {
            String text = line.text();
            Matcher memoLine = MEMO.matcher(text);
            Matcher digits = COURTESY.matcher(text);
            if (legal == null && text.toLowerCase(Locale.ROOT).matches(".*(/ ?100|/ ?xx|dollars).*")) {
                legal = AmountInWords.parse(text.replaceAll("(?i)dollars(?!.*/ ?(?:100|xx)).*", ""))
                        .orElse(null);
                boxes.put("legalAmount", line.box());
                return true;
            }
            if (memo == null && memoLine.find()) {
                memo = memoLine.group(1);
                boxes.put("memo", line.box());
                signature(text);
                return true;
            }
            if (courtesy == null && lines.isEmpty() && digits.find()) {
                courtesy = amount(digits.group(1));
                boxes.put("amount", line.box());
                return true;
            }
            if (signature(text)) {
                return true;
            }
            return stubLine(line);
        }

        private boolean signature(String text) {
            boolean seen = SIGNED.matcher(text).find();
            boolean missing = UNSIGNED.matcher(text).find();
            if (seen || missing) {
                signed = seen;
            }
            return seen || missing;
        }

        private boolean stubLine(Printed line) {
            String text = line.text();
            Matcher last = LINE_AMOUNT.matcher(text);
            if (text.toLowerCase(Locale.ROOT).contains("total")
                    || FreeText.clean(text).contains(FreeText.MASK)
                    || !last.find()) {
                return false;
            }
            Matcher invoice = LINE_NUMBER.matcher(text);
            String invoiceNumber = invoice.find() ? invoice.group(1) : null;
            Optional<LocalDate> day = date(text);
            if (invoiceNumber == null && day.isEmpty()) {
                return false;
            }
            BigDecimal amount = amount(last.group(2));
            lines.add(new Line(invoiceNumber, day.orElse(null), last.group(1).isEmpty() ? amount : amount.negate()));
            boxes.put("line" + lines.size(), line.box());
            lastPage = Math.max(lastPage, line.page());
            return true;
        }

        private Found found() {
            int confidence = 95;
            for (Object field : new @Nullable Object[] {number, date, payer, courtesy, legal}) {
                confidence -= field == null ? 20 : 0;
            }
            if (courtesy != null && legal != null && courtesy.compareTo(legal) != 0) {
                confidence -= 30;
            }
            return new Found(
                    number,
                    date,
                    payer,
                    payee,
                    memo,
                    courtesy,
                    legal,
                    signed,
                    Math.max(confidence, 5),
                    firstPage,
                    lastPage,
                    boxes,
                    lines);
        }
    }

    /** The lines of a document from top to bottom; what stands side by side is one line. */
    private static final class Lines extends PDFTextStripper {

        private static final int MOST_LETTERS = 100_000;

        private final List<Printed> all = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private final List<TextPosition> positions = new ArrayList<>();

        private int steps;
        private int letters;

        private Lines() {
            setSortByPosition(true);
        }

        private List<Printed> of(PDDocument document) throws IOException {
            getText(document);
            endLine();
            return all;
        }

        @Override
        protected void processOperator(Operator operator, List<COSBase> operands) throws IOException {
            if (++steps > PdfLimits.MOST_STEPS) {
                throw new IllegalStateException("its parts repeat each other");
            }
            super.processOperator(operator, operands);
        }

        /** The letters of a page are kept until its end. */
        @Override
        protected void processTextPosition(TextPosition position) {
            if (++letters > MOST_LETTERS) {
                throw new IllegalStateException("a page has more letters than paper holds");
            }
            super.processTextPosition(position);
        }

        @Override
        protected void writeString(String string, List<TextPosition> of) {
            text.append(string);
            positions.addAll(of);
        }

        @Override
        protected void writeWordSeparator() {
            text.append(' ');
        }

        @Override
        protected void writeLineSeparator() {
            endLine();
        }

        @Override
        protected void writePageEnd() {
            letters = 0;
            endLine();
        }

        private void endLine() {
            String line = text.toString().replaceAll("\\s+", " ").strip();
            if (!line.isEmpty() && !positions.isEmpty()) {
                all.add(new Printed(getCurrentPageNo(), line, box()));
            }
            text.setLength(0);
            positions.clear();
        }

        private FieldBox box() {
            float left = Float.MAX_VALUE;
            float top = Float.MAX_VALUE;
            float right = 0;
            float bottom = 0;
            TextPosition first = positions.getFirst();
            for (TextPosition position : positions) {
                left = Math.min(left, position.getXDirAdj());
                top = Math.min(top, position.getYDirAdj() - position.getHeightDir());
                right = Math.max(right, position.getXDirAdj() + position.getWidthDirAdj());
                bottom = Math.max(bottom, position.getYDirAdj());
            }
            float width = first.getPageWidth();
            float height = first.getPageHeight();
            return new FieldBox(
                    getCurrentPageNo(),
                    Math.round(1000 * left / width),
                    Math.round(1000 * (top - 3) / height),
                    Math.round(1000 * (right - left) / width),
                    Math.round(1000 * (bottom - top + 6) / height));
        }
    }
}
