package io.remitflow.checks;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.List;
import java.util.Random;
import java.util.TimeZone;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSString;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;
import org.apache.pdfbox.pdmodel.graphics.image.LosslessFactory;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;
import org.apache.pdfbox.rendering.ImageType;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.jspecify.annotations.Nullable;

/** Draws a packet as it comes by mail: the envelope, checks with their bank line, and the stub that says what they pay. */
public final class PacketPdf {

    /** What stands in the bank line of every check drawn here: the canary that must be found nowhere. */
    public static final String ROUTING_CANARY = "021000021";

    public static final String ACCOUNT_CANARY = "8675309123";

    private static final DateTimeFormatter US = DateTimeFormatter.ofPattern("MM/dd/yyyy");
    private static final PDFont PLAIN = new PDType1Font(FontName.HELVETICA);
    private static final PDFont BOLD = new PDType1Font(FontName.HELVETICA_BOLD);
    private static final PDFont FIXED = new PDType1Font(FontName.COURIER);

    private final List<DrawnCheck> checks = new ArrayList<>();
    private String sender = "";
    private String payee = "Remitflow General Hospital";

    /** One check with its stub. */
    public record DrawnCheck(
            String number,
            @Nullable LocalDate date,
            String payer,
            String digits,
            String words,
            String memo,
            boolean signed,
            List<DrawnLine> lines) {

        public DrawnCheck {
            lines = List.copyOf(lines);
        }
    }

    /** One line of a stub. */
    public record DrawnLine(String invoiceNumber, LocalDate date, String amount) {}

    public static PacketPdf from(String sender) {
        var packet = new PacketPdf();
        packet.sender = sender;
        return packet;
    }

    public PacketPdf to(String name) {
        payee = name;
        return this;
    }

    public PacketPdf check(DrawnCheck check) {
        checks.add(check);
        return this;
    }

    public PacketPdf check(
            String number, LocalDate date, String payer, String digits, String words, DrawnLine... lines) {
        return check(new DrawnCheck(number, date, payer, digits, words, "Services", true, List.of(lines)));
    }

    /** With letters, as an accounting program makes it. */
    public byte[] digital() {
        try (PDDocument document = new PDDocument()) {
            draw(document);
            return bytes(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A picture of each page with the speckles of a scanner, and no letters. */
    public byte[] scanned() {
        try (PDDocument original = Loader.loadPDF(digital());
                PDDocument scan = new PDDocument()) {
            var renderer = new PDFRenderer(original);
            var random = new Random(1);
            for (int i = 0; i < original.getNumberOfPages(); i++) {
                BufferedImage image = renderer.renderImageWithDPI(i, 100, ImageType.GRAY);
                for (int speckle = 0; speckle < 400; speckle++) {
                    image.setRGB(random.nextInt(image.getWidth()), random.nextInt(image.getHeight()), 0x404040);
                }
                var page = new PDPage(PDRectangle.LETTER);
                scan.addPage(page);
                PDImageXObject picture = LosslessFactory.createFromImage(scan, image);
                try (var content = new PDPageContentStream(scan, page)) {
                    content.drawImage(picture, 0, 0, PDRectangle.LETTER.getWidth(), PDRectangle.LETTER.getHeight());
                }
            }
            return bytes(scan);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] encrypted() {
        try (PDDocument document = new PDDocument()) {
            draw(document);
            document.protect(new StandardProtectionPolicy("owner", "user", new AccessPermission()));
            return bytes(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A packet of so many empty pages. */
    public static byte[] pages(int count) {
        try (PDDocument document = new PDDocument()) {
            for (int i = 0; i < count; i++) {
                document.addPage(new PDPage(PDRectangle.LETTER));
            }
            return bytes(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void draw(PDDocument document) throws IOException {
        envelope(document);
        for (DrawnCheck check : checks) {
            check(document, check);
        }
        stubs(document);
    }

    private void envelope(PDDocument document) throws IOException {
        try (var content = page(document)) {
            text(content, PLAIN, 10, 40, 740, sender);
            text(content, PLAIN, 10, 40, 726, "100 Midland Avenue");
            text(content, PLAIN, 10, 40, 712, "Port Chester, NY 10573");
            text(content, BOLD, 13, 260, 600, payee);
            text(content, PLAIN, 12, 260, 584, "Patient Accounts, PO Box 4711");
            text(content, PLAIN, 12, 260, 568, "New York, NY 10001");
            content.addRect(480, 690, 80, 60);
            content.stroke();
            text(content, PLAIN, 8, 492, 718, "US POSTAGE");
        }
    }

    private void check(PDDocument document, DrawnCheck check) throws IOException {
        try (var content = page(document)) {
            content.addRect(30, 520, 552, 240);
            content.stroke();
            text(content, BOLD, 13, 45, 735, check.payer());
            text(content, BOLD, 12, 480, 735, "No. " + check.number());
            text(content, PLAIN, 9, 45, 720, "100 Midland Avenue, Port Chester, NY 10573");
            LocalDate date = check.date();
            text(content, PLAIN, 10, 420, 705, date == null ? "DATE ______" : "DATE " + US.format(date));
            text(content, PLAIN, 9, 45, 670, "PAY TO THE ORDER OF");
            text(content, BOLD, 12, 165, 670, payee);
            text(content, BOLD, 12, 470, 670, "$**" + check.digits());
            content.addRect(465, 664, 105, 20);
            content.stroke();
            text(content, PLAIN, 11, 45, 640, check.words() + " DOLLARS");
            text(content, PLAIN, 9, 45, 580, "MEMO " + check.memo());
            text(content, PLAIN, 9, 360, 580, check.signed() ? "/s/ M. Keller" : "SIGNATURE ______________");
            text(
                    content,
                    FIXED,
                    12,
                    120,
                    540,
                    "C%sC A%sA %sC".formatted(check.number(), ROUTING_CANARY, ACCOUNT_CANARY));
        }
    }

    private void stubs(PDDocument document) throws IOException {
        try (var content = page(document)) {
            float y = 740;
            for (DrawnCheck check : checks) {
                text(content, BOLD, 12, 45, y, "Remittance for check " + check.number());
                y -= 20;
                text(content, BOLD, 9, 45, y, "Invoice");
                text(content, BOLD, 9, 250, y, "Week ending");
                text(content, BOLD, 9, 450, y, "Amount");
                y -= 16;
                for (DrawnLine line : check.lines()) {
                    text(content, PLAIN, 10, 45, y, line.invoiceNumber());
                    text(content, PLAIN, 10, 250, y, US.format(line.date()));
                    text(content, PLAIN, 10, 450, y, line.amount());
                    y -= 15;
                }
                text(content, BOLD, 10, 45, y, "Total");
                text(content, BOLD, 10, 450, y, check.digits());
                y -= 40;
            }
        }
    }

    private static PDPageContentStream page(PDDocument document) throws IOException {
        var page = new PDPage(PDRectangle.LETTER);
        document.addPage(page);
        return new PDPageContentStream(document, page);
    }

    private static void text(PDPageContentStream content, PDFont font, float size, float x, float y, String text)
            throws IOException {
        content.beginText();
        content.setFont(font, size);
        content.newLineAtOffset(x, y);
        content.showText(text);
        content.endText();
    }

    /** The same every time: a packet that is drawn again is the same file. */
    private static byte[] bytes(PDDocument document) throws IOException {
        Calendar fixed = Calendar.getInstance(TimeZone.getTimeZone("UTC"));
        fixed.setTimeInMillis(0);
        document.getDocumentInformation().setCreationDate(fixed);
        if (!document.isEncrypted() && document.getEncryption() == null) {
            var id = new COSArray();
            id.add(new COSString("packet"));
            id.add(new COSString("packet"));
            document.getDocument().setDocumentID(id);
            document.getDocument().getTrailer().setItem(COSName.ID, id);
        }
        var bytes = new ByteArrayOutputStream();
        document.save(bytes);
        return bytes.toByteArray();
    }
}
