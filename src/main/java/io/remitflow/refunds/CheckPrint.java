package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.text.Normalizer;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.joda.money.Money;

/**
 * A check as a page: check on top, stub below, for blanks that already carry number and bank line.
 *
 * <p>No bank numbers are printed or known here.
 */
final class CheckPrint {

    private static final PDFont FONT = new PDType1Font(Standard14Fonts.FontName.HELVETICA);
    private static final PDFont BOLD = new PDType1Font(Standard14Fonts.FontName.HELVETICA_BOLD);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.US);
    /** Of a page of 8.5 by 11 inches, in points. */
    private static final int TOP = 792;

    private static final String[] ONES = {
        "",
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
        "Thirteen",
        "Fourteen",
        "Fifteen",
        "Sixteen",
        "Seventeen",
        "Eighteen",
        "Nineteen"
    };
    private static final String[] TENS = {
        "", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"
    };
    private static final String[] THOUSANDS = {"", "Thousand", "Million", "Billion", "Trillion"};

    private CheckPrint() {}

    static byte[] page(RefundCheck check, String payer, String payee, String purpose) {
        try (PDDocument document = new PDDocument();
                var bytes = new ByteArrayOutputStream()) {
            PDPage page = new PDPage(PDRectangle.LETTER);
            document.addPage(page);
            document.getDocumentInformation().setTitle("Check " + check.reference());
            try (var content = new PDPageContentStream(document, page)) {
                check(content, check, payer, payee, purpose);
                stub(content, check, payee, purpose);
            }
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(
            PDPageContentStream content, RefundCheck check, String payer, String payee, String purpose)
            throws IOException {
        write(content, BOLD, 12, 54, TOP - 60, payer);
        write(content, FONT, 10, 430, TOP - 60, "Check " + check.reference());
        write(content, FONT, 10, 430, TOP - 78, DATE.format(check.issuedOn()));
        write(content, FONT, 9, 54, TOP - 118, "Pay to the order of");
        write(content, BOLD, 12, 150, TOP - 118, payee);
        write(content, BOLD, 12, 430, TOP - 118, "$ **" + Amounts.format(check.amount()));
        rule(content, 150, TOP - 122, 400);
        write(content, FONT, 11, 54, TOP - 146, words(check.amount()) + " dollars ******");
        rule(content, 54, TOP - 150, 540);
        write(content, FONT, 9, 54, TOP - 190, "Memo: " + purpose);
        rule(content, 350, TOP - 190, 540);
        write(content, FONT, 8, 350, TOP - 202, "Authorized signature");
    }

    private static void stub(PDPageContentStream content, RefundCheck check, String payee, String purpose)
            throws IOException {
        rule(content, 0, TOP - 264, PDRectangle.LETTER.getWidth());
        List<String> lines = List.of(
                "Check " + check.reference() + " of " + DATE.format(check.issuedOn()),
                "Payee: " + payee,
                purpose,
                "Amount: " + Amounts.format(check.amount()) + " "
                        + check.amount().getCurrencyUnit());
        float y = TOP - 300;
        for (String line : lines) {
            write(content, FONT, 10, 54, y, line);
            y -= 16;
        }
    }

    private static void write(PDPageContentStream content, PDFont font, float size, float x, float y, String text)
            throws IOException {
        content.beginText();
        content.setFont(font, size);
        content.newLineAtOffset(x, y);
        content.showText(printable(text));
        content.endText();
    }

    private static void rule(PDPageContentStream content, float x, float y, float to) throws IOException {
        content.setLineWidth(0.5f);
        content.moveTo(x, y);
        content.lineTo(to, y);
        content.stroke();
    }

    /** Accents that the printer's font lacks are left out; a name in another script is refused rather than mutilated. */
    static String printable(String text) {
        StringBuilder plain = new StringBuilder();
        for (String letter : text.split("")) {
            plain.append(known(letter) ? letter : withoutAccent(letter));
        }
        String result = plain.toString();
        if (!known(result)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "the name has letters that checks cannot carry: write this check by hand");
        }
        return result;
    }

    private static String withoutAccent(String letter) {
        String base = switch (letter) {
            case "\u0111" -> "d";
            case "\u0110" -> "D";
            case "\u0142" -> "l";
            case "\u0141" -> "L";
            default -> letter;
        };
        return Normalizer.normalize(base, Normalizer.Form.NFD).replaceAll("\\p{M}", "");
    }

    private static boolean known(String text) {
        return java.nio.charset.Charset.forName("windows-1252").newEncoder().canEncode(text)
                && text.chars().noneMatch(Character::isISOControl);
    }

    /** "One hundred twenty and 50/100" in the way checks say it; amounts without decimals end after the words. */
    static String words(Money amount) {
        BigDecimal value = amount.getAmount();
        long whole = amount.getAmountMajorLong();
        String text = whole == 0 ? "Zero" : words(whole);
        if (value.scale() == 0) {
            return text;
        }
        return text + " and " + fraction(amount);
    }

    private static String fraction(Money amount) {
        int decimals = amount.getScale();
        return "%s/%d"
                .formatted(
                        String.format(Locale.ROOT, "%0" + decimals + "d", amount.getMinorPart()),
                        BigDecimal.TEN.pow(decimals).intValueExact());
    }

    private static String words(long whole) {
        List<String> groups = new ArrayList<>();
        long rest = whole;
        for (int group = 0; rest > 0; group++, rest /= 1000) {
            int three = (int) (rest % 1000);
            if (three > 0) {
                groups.addFirst((hundreds(three) + " " + THOUSANDS[group]).strip());
            }
        }
        return String.join(" ", groups);
    }

    private static String hundreds(int value) {
        List<String> parts = new ArrayList<>();
        if (value >= 100) {
            parts.add(ONES[value / 100] + " Hundred");
        }
        int rest = value % 100;
        if (rest >= 20) {
            parts.add(rest % 10 == 0 ? TENS[rest / 10] : TENS[rest / 10] + "-" + ONES[rest % 10]);
        } else if (rest > 0) {
            parts.add(ONES[rest]);
        }
        return String.join(" ", parts);
    }
}
