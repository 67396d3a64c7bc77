package io.remitflow.core;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
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

/**
 * A PDF that is written from the top of its first page downwards, for people outside of the hospital: their names are
 * shown in the letters they are written in. Sizes and places are in points of a page of 8.5 by 11 inches.
 */
public final class PrintedPages implements AutoCloseable {

    public static final int LEFT = 54;
    public static final int RIGHT = 612 - 54;

    /** The font that PDFBox brings along knows the letters of every European language and of Vietnamese. */
    private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    private static final int TOP = 792 - 60;
    private static final int BOTTOM = 72;
    private static final String UNKNOWN_LETTER = "?";

    private final PDDocument document = new PDDocument();
    private final PDFont font;
    private final int row;
    private PDPageContentStream content;
    private int y;

    /** @param row how far the lines are apart */
    public PrintedPages(String title, int row) throws IOException {
        this.row = row;
        document.getDocumentInformation().setTitle(title);
        try (InputStream file = Objects.requireNonNull(PDDocument.class.getResourceAsStream(FONT), FONT)) {
            font = PDType0Font.load(document, file, true);
        }
        content = nextPage();
    }

    public void write(int size, float x, String text) throws IOException {
        content.beginText();
        content.setFont(font, size);
        content.newLineAtOffset(x, y);
        content.showText(printable(text));
        content.endText();
    }

    /** Ends at {@code x}. */
    public void right(int size, float x, String text) throws IOException {
        write(size, x - width(size, text), text);
    }

    /** What is said of the whole, one below the other, the words beginning at {@code x}; then an empty row. */
    public void facts(int size, float x, Map<String, String> facts) throws IOException {
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            write(size, LEFT, fact.getKey());
            write(size, x, fact.getValue());
            down(1);
        }
        down(1);
    }

    /** Across the page, below what stands on this line; goes on below it. */
    public void rule() throws IOException {
        content.setLineWidth(0.5f);
        content.moveTo(LEFT, y - 4);
        content.lineTo(RIGHT, y - 4);
        content.stroke();
        y -= row + 4;
    }

    public void down(int rows) {
        y -= rows * row;
    }

    /**
     * Goes to the next page unless this one has room for so many rows, of which this line is the first.
     *
     * @return whether it did
     */
    public boolean turnedFor(int rows) throws IOException {
        if (y - (rows - 1) * row >= BOTTOM) {
            return false;
        }
        content.close();
        content = nextPage();
        return true;
    }

    /** Lines that are no wider than {@code width}; a word that is wider itself is cut. */
    public List<String> wrapped(int size, String text, int width) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : text.strip().split("\\s+")) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (width(size, longer) <= width) {
                line = longer;
                continue;
            }
            if (!line.isEmpty()) {
                lines.add(line);
            }
            line = word;
            while (width(size, line) > width) {
                int fitting = fitting(size, line, width);
                lines.add(line.substring(0, fitting));
                line = line.substring(fitting);
            }
        }
        lines.add(line);
        return lines;
    }

    /** The whole document; nothing can be written afterwards. */
    public byte[] bytes() throws IOException {
        content.close();
        var bytes = new ByteArrayOutputStream();
        document.save(bytes);
        return bytes.toByteArray();
    }

    @Override
    public void close() throws IOException {
        document.close();
    }

    private PDPageContentStream nextPage() throws IOException {
        PDPage page = new PDPage(PDRectangle.LETTER);
        document.addPage(page);
        y = TOP;
        return new PDPageContentStream(document, page);
    }

    /** How much of a word without a space goes on one line: at least one letter. */
    private int fitting(int size, String word, int width) throws IOException {
        int length = word.offsetByCodePoints(0, 1);
        while (length < word.length() && width(size, word.substring(0, word.offsetByCodePoints(length, 1))) <= width) {
            length = word.offsetByCodePoints(length, 1);
        }
        return length;
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
}
