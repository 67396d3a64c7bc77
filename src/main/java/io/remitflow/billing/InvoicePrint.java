package io.remitflow.billing;

import io.remitflow.core.Amounts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.joda.money.Money;

/**
 * An invoice on pages, as its recipient gets it.
 *
 * <p>Who the patient is stands nowhere in our books, so it stands nowhere here: the account's number says whose it is.
 */
final class InvoicePrint implements AutoCloseable {

    /** The font that PDFBox brings along knows the letters of every European language and of Vietnamese. */
    private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    /** Of a page of 8.5 by 11 inches, in points. */
    private static final int LEFT = 54;

    private static final int RIGHT = 612 - 54;
    private static final int TOP = 792 - 60;
    private static final int BOTTOM = 72;
    private static final int WHAT = 126;
    private static final int QUANTITY = 400;
    private static final int PRICE = 480;
    private static final int ROW = 15;
    private static final int SMALL = 9;
    private static final int NORMAL = 10;
    private static final int LARGE = 16;
    private static final String UNKNOWN_LETTER = "?";

    private final PDDocument document = new PDDocument();
    private final PDFont font;
    private PDPageContentStream content;
    private int y;

    private InvoicePrint() throws IOException {
        try (InputStream file = Objects.requireNonNull(PDDocument.class.getResourceAsStream(FONT), FONT)) {
            font = PDType0Font.load(document, file, true);
        }
        content = nextPage();
    }

    /** @param issuer the hospital */
    static byte[] pages(Invoice invoice, List<Invoice.Line> lines, String issuer, String accountNumber) {
        try (var print = new InvoicePrint();
                var bytes = new ByteArrayOutputStream()) {
            print.document.getDocumentInformation().setTitle("Invoice " + invoice.number());
            print.head(invoice, issuer, accountNumber);
            print.table(lines);
            print.totals(invoice);
            print.foot(invoice);
            print.content.close();
            print.document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head(Invoice invoice, String issuer, String accountNumber) throws IOException {
        write(LARGE, LEFT, issuer);
        right(LARGE, RIGHT, title(invoice));
        y -= 2 * ROW;
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Invoice", invoice.number());
        facts.put("Account", accountNumber);
        facts.put("Date", invoice.invoiceDate().toString());
        facts.put("Due", invoice.dueDate().toString());
        facts.put(
                "Services",
                invoice.serviceFrom().equals(invoice.serviceTo())
                        ? invoice.serviceFrom().toString()
                        : invoice.serviceFrom() + " to " + invoice.serviceTo());
        facts.put("Terms", invoice.paymentTerms());
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            write(NORMAL, LEFT, fact.getKey());
            write(NORMAL, WHAT, fact.getValue());
            y -= ROW;
        }
        y -= ROW;
    }

    private void table(List<Invoice.Line> lines) throws IOException {
        columns();
        for (Invoice.Line line : lines) {
            List<String> words = wrapped(
                    line.cptCode() == null ? line.description() : line.description() + " (" + line.cptCode() + ")",
                    QUANTITY - 40 - WHAT);
            if (y - words.size() * ROW < BOTTOM) {
                content.close();
                content = nextPage();
                columns();
            }
            write(SMALL, LEFT, line.serviceDate().toString());
            right(SMALL, QUANTITY, String.valueOf(line.quantity()));
            right(SMALL, PRICE, Amounts.format(line.unitPrice()));
            right(SMALL, RIGHT, Amounts.format(line.total()));
            for (String each : words) {
                write(SMALL, WHAT, each);
                y -= ROW;
            }
        }
    }

    private void columns() throws IOException {
        write(SMALL, LEFT, "Service date");
        write(SMALL, WHAT, "What");
        right(SMALL, QUANTITY, "Quantity");
        right(SMALL, PRICE, "Price");
        right(SMALL, RIGHT, "Total");
        rule();
    }

    private void totals(Invoice invoice) throws IOException {
        if (y - 7 * ROW < BOTTOM) {
            content.close();
            content = nextPage();
        }
        rule();
        total("Total", invoice.total());
        total("Paid", invoice.paid());
        total("Credited", invoice.credited());
        write(NORMAL, QUANTITY - 60, "Amount due, " + invoice.due().getCurrencyUnit());
        right(NORMAL, RIGHT, Amounts.format(invoice.due()));
        y -= 2 * ROW;
    }

    private void total(String what, Money amount) throws IOException {
        write(NORMAL, QUANTITY - 60, what);
        right(NORMAL, RIGHT, Amounts.format(amount));
        y -= ROW;
    }

    private void foot(Invoice invoice) throws IOException {
        String notes = invoice.notes();
        for (String line : notes == null ? List.<String>of() : wrapped(notes, RIGHT - LEFT)) {
            if (y < BOTTOM) {
                content.close();
                content = nextPage();
            }
            write(SMALL, LEFT, line);
            y -= ROW;
        }
    }

    private static String title(Invoice invoice) {
        return switch (invoice.status()) {
            case DRAFT -> "Invoice (draft)";
            case VOID -> "Invoice (void)";
            default -> "Invoice";
        };
    }

    private PDPageContentStream nextPage() throws IOException {
        PDPage page = new PDPage(PDRectangle.LETTER);
        document.addPage(page);
        y = TOP;
        return new PDPageContentStream(document, page);
    }

    private List<String> wrapped(String text, int width) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : text.strip().split("\\s+")) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (width(SMALL, longer) <= width) {
                line = longer;
                continue;
            }
            if (!line.isEmpty()) {
                lines.add(line);
            }
            line = word;
            while (width(SMALL, line) > width) {
                int fitting = fitting(line, width);
                lines.add(line.substring(0, fitting));
                line = line.substring(fitting);
            }
        }
        lines.add(line);
        return lines;
    }

    /** How much of a word without a space goes on one line: at least one letter. */
    private int fitting(String word, int width) throws IOException {
        int length = word.offsetByCodePoints(0, 1);
        while (length < word.length() && width(SMALL, word.substring(0, word.offsetByCodePoints(length, 1))) <= width) {
            length = word.offsetByCodePoints(length, 1);
        }
        return length;
    }

    private void write(int size, float x, String text) throws IOException {
        content.beginText();
        content.setFont(font, size);
        content.newLineAtOffset(x, y);
        content.showText(printable(text));
        content.endText();
    }

    private void right(int size, float x, String text) throws IOException {
        write(size, x - width(size, text), text);
    }

    private void rule() throws IOException {
        content.setLineWidth(0.5f);
        content.moveTo(LEFT, y - 4);
        content.lineTo(RIGHT, y - 4);
        content.stroke();
        y -= ROW + 4;
    }

    private float width(int size, String text) throws IOException {
        return font.getStringWidth(printable(text)) * size / 1000;
    }

    /** A letter that the font lacks is shown as missing, so that the amounts can be read all the same. */
    private String printable(String text) {
        return text.codePoints().mapToObj(this::printable).collect(Collectors.joining());
    }

    private String printable(int letter) {
        String text = Character.toString(letter);
        try {
            font.encode(text);
            return Character.isISOControl(letter) ? " " : text;
        } catch (IOException | IllegalArgumentException e) {
            return UNKNOWN_LETTER;
        }
    }

    @Override
    public void close() throws IOException {
        document.close();
    }
}
