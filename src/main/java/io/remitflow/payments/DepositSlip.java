package io.remitflow.payments;

import io.remitflow.core.Amounts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.text.Normalizer;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** A deposit as the list that goes to the bank with it: numbers and amounts, and who stands for them. */
final class DepositSlip {

    private static final PDFont FONT = new PDType1Font(Standard14Fonts.FontName.HELVETICA);
    private static final PDFont BOLD = new PDType1Font(Standard14Fonts.FontName.HELVETICA_BOLD);
    /** Of a page of 8.5 by 11 inches, in points. */
    private static final int TOP = 792;

    private static final int FIRST_LINE = TOP - 190;
    private static final int LINE = 16;
    private static final int LINES_OF_A_PAGE = 30;
    private static final int RIGHT = 558;

    private DepositSlip() {}

    static byte[] pdf(
            Deposit deposit,
            List<Deposit.Item> items,
            String organization,
            String preparedBy,
            @Nullable String verifiedBy) {
        try (PDDocument document = new PDDocument();
                var bytes = new ByteArrayOutputStream()) {
            document.getDocumentInformation().setTitle("Deposit " + deposit.number());
            int pages = (items.size() + LINES_OF_A_PAGE - 1) / LINES_OF_A_PAGE;
            for (int page = 0; page < pages; page++) {
                int first = page * LINES_OF_A_PAGE;
                List<Deposit.Item> ofPage = items.subList(first, Math.min(items.size(), first + LINES_OF_A_PAGE));
                PDPage sheet = new PDPage(PDRectangle.LETTER);
                document.addPage(sheet);
                try (var content = new PDPageContentStream(document, sheet)) {
                    head(content, deposit, organization, page + 1, pages);
                    float y = items(content, ofPage);
                    if (page == pages - 1) {
                        total(content, deposit, y, preparedBy, verifiedBy);
                    }
                }
            }
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void head(PDPageContentStream content, Deposit deposit, String organization, int page, int pages)
            throws IOException {
        write(content, BOLD, 14, 54, TOP - 60, "Deposit " + deposit.number());
        right(content, FONT, 9, TOP - 60, "Page %d of %d".formatted(page, pages));
        write(content, FONT, 11, 54, TOP - 82, organization);
        write(
                content,
                FONT,
                10,
                54,
                TOP - 102,
                "To %s, account ending %s".formatted(deposit.bankAccountName(), deposit.bankAccountLast4()));
        String slip = deposit.slipNumber() == null ? "" : ", slip " + deposit.slipNumber();
        write(content, FONT, 10, 54, TOP - 118, "On %s%s".formatted(deposit.date(), slip));
        if (deposit.status() == DepositStatus.PREPARED) {
            write(content, BOLD, 10, 54, TOP - 138, "NOT VERIFIED - do not take to the bank");
        }
        write(content, BOLD, 9, 54, FIRST_LINE + LINE + 4, "#");
        write(content, BOLD, 9, 84, FIRST_LINE + LINE + 4, "Received as");
        write(content, BOLD, 9, 230, FIRST_LINE + LINE + 4, "Check number");
        write(content, BOLD, 9, 360, FIRST_LINE + LINE + 4, "Received on");
        right(content, BOLD, 9, FIRST_LINE + LINE + 4, "Amount");
        rule(content, FIRST_LINE + LINE);
    }

    private static float items(PDPageContentStream content, List<Deposit.Item> items) throws IOException {
        float y = FIRST_LINE;
        for (Deposit.Item item : items) {
            write(content, FONT, 9, 54, y, Integer.toString(item.line()));
            write(content, FONT, 9, 84, y, item.receiptNumber());
            write(content, FONT, 9, 230, y, item.paperNumber() == null ? "" : item.paperNumber());
            write(content, FONT, 9, 360, y, item.receivedOn().toString());
            right(content, FONT, 9, y, Amounts.format(item.amount()));
            y -= LINE;
        }
        return y;
    }

    private static void total(
            PDPageContentStream content, Deposit deposit, float y, String preparedBy, @Nullable String verifiedBy)
            throws IOException {
        Money amount = deposit.amount();
        String what = deposit.method() == DepositMethod.CHECK ? "checks" : "cash payments";
        rule(content, y + LINE - 5);
        write(content, BOLD, 10, 54, y - 4, "%d %s".formatted(deposit.items(), what));
        right(content, BOLD, 10, y - 4, "%s %s".formatted(Amounts.format(amount), amount.getCurrencyUnit()));
        write(content, FONT, 9, 54, y - 34, "Prepared by " + preparedBy);
        write(
                content,
                FONT,
                9,
                300,
                y - 34,
                "Verified by " + (verifiedBy == null ? "____________________" : verifiedBy));
    }

    private static void right(PDPageContentStream content, PDFont font, float size, float y, String text)
            throws IOException {
        String shown = printable(text);
        write(content, font, size, RIGHT - font.getStringWidth(shown) / 1000 * size, y, shown);
    }

    private static void write(PDPageContentStream content, PDFont font, float size, float x, float y, String text)
            throws IOException {
        content.beginText();
        content.setFont(font, size);
        content.newLineAtOffset(x, y);
        content.showText(printable(text));
        content.endText();
    }

    private static void rule(PDPageContentStream content, float y) throws IOException {
        content.setLineWidth(0.5f);
        content.moveTo(54, y);
        content.lineTo(RIGHT, y);
        content.stroke();
    }

    /** The printer's font knows no other letters; numbers and amounts, which count here, it does. */
    static String printable(String text) {
        var letters = Charset.forName("windows-1252").newEncoder();
        var plain = new StringBuilder();
        Normalizer.normalize(text, Normalizer.Form.NFC).codePoints().forEach(point -> {
            String letter = Character.toString(point);
            String base = Normalizer.normalize(letter, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
            boolean control = Character.isISOControl(point);
            plain.append(
                    !control && letters.canEncode(letter) ? letter : !control && letters.canEncode(base) ? base : "?");
        });
        return plain.toString();
    }
}
