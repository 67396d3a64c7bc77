package io.remitflow.reconciliation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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

/** Writes a report down as pages of letter size, across. */
final class BankReportPdf {

    private static final PDFont FONT = new PDType1Font(Standard14Fonts.FontName.HELVETICA);
    private static final PDFont BOLD = new PDType1Font(Standard14Fonts.FontName.HELVETICA_BOLD);

    /** In points. */
    private static final int MARGIN = 48;

    private static final int LINE = 15;
    private static final int AMOUNT = 96;
    private static final int DATE = 66;
    private static final int SIZE = 9;

    private final PDDocument document;
    private final PDRectangle paper = new PDRectangle(PDRectangle.LETTER.getHeight(), PDRectangle.LETTER.getWidth());
    private @Nullable PDPageContentStream content;
    private int y;
    private int pages;

    private BankReportPdf(PDDocument document) {
        this.document = document;
    }

    static byte[] of(BankReport report) {
        try (PDDocument document = new PDDocument();
                var bytes = new ByteArrayOutputStream()) {
            document.getDocumentInformation().setTitle(report.title());
            new BankReportPdf(document).write(report);
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(BankReport report) throws IOException {
        page();
        text(BOLD, 15, MARGIN, report.title());
        y -= LINE + 6;
        for (String fact : report.facts()) {
            text(FONT, 10, MARGIN, fitting(fact, FONT, 10, width()));
            y -= LINE;
        }
        for (BankReport.Table table : report.tables()) {
            table(table);
        }
        close();
    }

    private void table(BankReport.Table table) throws IOException {
        y -= LINE;
        room(4);
        text(BOLD, 11, MARGIN, table.title());
        y -= LINE + 2;
        if (table.rows().isEmpty()) {
            text(FONT, SIZE, MARGIN, "None");
            y -= LINE;
            return;
        }
        int[] lefts = lefts(table);
        head(table, lefts);
        for (BankReport.Row row : table.rows()) {
            if (y < MARGIN + LINE) {
                page();
                head(table, lefts);
            }
            cells(row.cells(), row.total() ? BOLD : FONT, lefts);
            if (row.total()) {
                rule(y + 10);
            }
            y -= LINE;
        }
    }

    private void head(BankReport.Table table, int[] lefts) throws IOException {
        List<Object> cells = table.rows().getFirst().cells();
        for (int i = 0; i < cells.size(); i++) {
            cell(cells.get(i) instanceof Money, table.columns().get(i), BOLD, lefts, i);
        }
        rule(y - 4);
        y -= LINE + 2;
    }

    private void cells(List<Object> cells, PDFont font, int[] lefts) throws IOException {
        for (int i = 0; i < cells.size(); i++) {
            cell(cells.get(i) instanceof Money, BankReport.text(cells.get(i)), font, lefts, i);
        }
    }

    private void cell(boolean right, String words, PDFont font, int[] lefts, int column) throws IOException {
        int space = lefts[column + 1] - lefts[column] - 6;
        String fitting = fitting(words, font, SIZE, space);
        text(font, SIZE, right ? lefts[column] + space - length(fitting, font, SIZE) : lefts[column], fitting);
    }

    /** Amounts and dates take what they need, the texts share the rest. */
    private int[] lefts(BankReport.Table table) {
        List<Object> cells = table.rows().getFirst().cells();
        long texts = cells.stream().filter(String.class::isInstance).count();
        int fixed = cells.stream()
                .mapToInt(cell -> cell instanceof Money ? AMOUNT : cell instanceof String ? 0 : DATE)
                .sum();
        int rest = (int) ((width() - fixed) / Math.max(1, texts));
        int[] lefts = new int[cells.size() + 1];
        lefts[0] = MARGIN;
        for (int i = 0; i < cells.size(); i++) {
            Object cell = cells.get(i);
            lefts[i + 1] = lefts[i] + (cell instanceof Money ? AMOUNT : cell instanceof String ? rest : DATE);
        }
        return lefts;
    }

    private void room(int lines) throws IOException {
        if (y < MARGIN + lines * LINE) {
            page();
        }
    }

    private void page() throws IOException {
        close();
        PDPage page = new PDPage(paper);
        document.addPage(page);
        content = new PDPageContentStream(document, page);
        pages++;
        y = MARGIN - 20;
        text(FONT, 8, (int) paper.getWidth() - MARGIN - 40, "Page " + pages);
        y = (int) paper.getHeight() - MARGIN;
    }

    private void close() throws IOException {
        if (content != null) {
            content.close();
        }
    }

    private int width() {
        return (int) paper.getWidth() - 2 * MARGIN;
    }

    private void text(PDFont font, int size, int x, String words) throws IOException {
        PDPageContentStream out = java.util.Objects.requireNonNull(content);
        out.beginText();
        out.setFont(font, size);
        out.newLineAtOffset(x, y);
        out.showText(printable(words));
        out.endText();
    }

    private void rule(int at) throws IOException {
        PDPageContentStream out = java.util.Objects.requireNonNull(content);
        out.setLineWidth(0.5f);
        out.moveTo(MARGIN, at);
        out.lineTo(paper.getWidth() - MARGIN, at);
        out.stroke();
    }

    private static String fitting(String words, PDFont font, int size, int space) throws IOException {
        String fitting = printable(words);
        while (fitting.length() > 1 && length(fitting, font, size) > space) {
            fitting = fitting.substring(0, fitting.length() - (fitting.endsWith("..") ? 3 : 1))
                            .strip() + "..";
        }
        return fitting;
    }

    private static int length(String words, PDFont font, int size) throws IOException {
        return (int) Math.ceil(font.getStringWidth(words) * size / 1000);
    }

    /** What the fonts of every PDF reader can show. */
    private static String printable(String text) {
        String plain = Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{M}+", "");
        return plain.replace('đ', 'd').replace('Đ', 'D').replaceAll("[^\\x20-\\x7e]", "?");
    }
}
