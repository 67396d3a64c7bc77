package io.remitflow.checks;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSInteger;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;
import org.apache.pdfbox.pdmodel.graphics.image.CCITTFactory;
import org.jspecify.annotations.Nullable;

/** PDFs of one page that nobody's printer made: what they hold is small, what they unpack to or draw is not. */
final class CraftedPdf {

    private final PDDocument document;

    private CraftedPdf(PDDocument document) {
        this.document = document;
    }

    interface Craft {
        void on(CraftedPdf pdf) throws IOException;
    }

    static byte[] with(Craft craft) throws IOException {
        try (PDDocument document = new PDDocument()) {
            craft.on(new CraftedPdf(document));
            var bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        }
    }

    static byte[] packed(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    static byte[] packedZeros(int count) throws IOException {
        var packed = new ByteArrayOutputStream();
        byte[] zeros = new byte[100_000];
        try (var out = new DeflaterOutputStream(packed)) {
            for (int i = 0; i < count / zeros.length; i++) {
                out.write(zeros);
            }
        }
        return packed.toByteArray();
    }

    /** With {@code object} as what the content calls X. */
    void page(String content, @Nullable COSBase object) throws IOException {
        page(stream(content), object);
    }

    /** A content of several streams. */
    void parts(List<String> parts) throws IOException {
        var array = new COSArray();
        for (String part : parts) {
            array.add(stream(part));
        }
        page(array, null);
    }

    /** A content that is the same stream again and again. */
    void repeated(String part, int times) throws IOException {
        COSStream stream = stream(part);
        var array = new COSArray();
        for (int i = 0; i < times; i++) {
            array.add(stream);
        }
        page(array, null);
    }

    /** A form that draws a form that draws the object. */
    void nested(COSBase object) throws IOException {
        page("q /X Do Q", form("q /X Do Q", form("q /X Do Q", object)));
    }

    /** Forms that each draw the next one so many times. */
    void laughs(int depth, int times) throws IOException {
        COSStream inner = form("0 0 m 1 1 l S", null);
        for (int i = 0; i < depth; i++) {
            inner = form("q /X Do Q ".repeat(times), inner);
        }
        page("q /X Do Q", inner);
    }

    void letters(int count) throws IOException {
        page("BT /F 1 Tf 10 10 Td (%s) Tj ET".formatted("x".repeat(count)), null);
    }

    COSStream form(byte[] packed) throws IOException {
        COSStream form = form("", null);
        form.setItem(COSName.FILTER, COSName.FLATE_DECODE);
        return raw(form, packed);
    }

    COSStream picture(int width, int height, String filters, byte[] raw) throws IOException {
        var picture = new COSStream();
        picture.setItem(COSName.TYPE, COSName.XOBJECT);
        picture.setItem(COSName.SUBTYPE, COSName.IMAGE);
        picture.setInt(COSName.WIDTH, width);
        picture.setInt(COSName.HEIGHT, height);
        picture.setInt(COSName.BITS_PER_COMPONENT, 8);
        picture.setItem(COSName.COLORSPACE, COSName.DEVICERGB);
        var array = new COSArray();
        for (String filter : filters.split(" ")) {
            array.add(COSName.getPDFName(filter));
        }
        picture.setItem(COSName.FILTER, array.size() == 1 ? array.get(0) : array);
        return raw(picture, raw);
    }

    /** Rows as long as it says. */
    COSStream predicted(int columns, byte[] bytes) throws IOException {
        COSStream picture = picture(10, 10, "FlateDecode", packed(bytes));
        var parameters = new COSDictionary();
        parameters.setInt(COSName.PREDICTOR, 15);
        parameters.setItem(COSName.COLUMNS, COSInteger.get(columns));
        picture.setItem(COSName.DECODE_PARMS, parameters);
        return picture;
    }

    /** The left half black, as office scanners pack it. */
    void jbig2() throws IOException {
        jbig2(64, 64);
    }

    void jbig2(int width, int height) throws IOException {
        var image = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_BINARY);
        var graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, 64, 64);
        graphics.setColor(Color.BLACK);
        graphics.fillRect(0, 0, 32, 64);
        graphics.dispose();
        byte[] lines;
        try (var raw =
                CCITTFactory.createFromImage(document, image).getCOSObject().createRawInputStream()) {
            lines = raw.readAllBytes();
        }
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        segment(out, 0, 48, 19);
        out.writeInt(width);
        out.writeInt(height);
        out.writeInt(0);
        out.writeInt(0);
        out.writeByte(0);
        out.writeShort(0);
        segment(out, 1, 38, 18 + lines.length);
        out.writeInt(64);
        out.writeInt(64);
        out.writeInt(0);
        out.writeInt(0);
        out.writeByte(0);
        out.writeByte(1);
        out.write(lines);
        COSStream picture = picture(64, 64, "JBIG2Decode", bytes.toByteArray());
        picture.setInt(COSName.BITS_PER_COMPONENT, 1);
        picture.setItem(COSName.COLORSPACE, COSName.DEVICEGRAY);
        page("q 612 0 0 792 0 0 cm /X Do Q", picture);
    }

    private static void segment(DataOutputStream out, int number, int type, int length) throws IOException {
        out.writeInt(number);
        out.writeByte(type);
        out.writeByte(0);
        out.writeByte(1);
        out.writeInt(length);
    }

    private COSStream form(String content, @Nullable COSBase object) throws IOException {
        COSStream form = stream(content);
        form.setItem(COSName.TYPE, COSName.XOBJECT);
        form.setItem(COSName.SUBTYPE, COSName.FORM);
        form.setItem(COSName.BBOX, new PDRectangle(612, 792).getCOSArray());
        form.setItem(COSName.RESOURCES, resources(object));
        return form;
    }

    private void page(COSBase contents, @Nullable COSBase object) {
        var page = new PDPage(PDRectangle.LETTER);
        page.getCOSObject().setItem(COSName.CONTENTS, contents);
        page.getCOSObject().setItem(COSName.RESOURCES, resources(object));
        document.addPage(page);
    }

    private static COSDictionary resources(@Nullable COSBase object) {
        var resources = new COSDictionary();
        var fonts = new COSDictionary();
        fonts.setItem(COSName.getPDFName("F"), new PDType1Font(FontName.HELVETICA).getCOSObject());
        resources.setItem(COSName.FONT, fonts);
        if (object != null) {
            var objects = new COSDictionary();
            objects.setItem(COSName.getPDFName("X"), object);
            resources.setItem(COSName.XOBJECT, objects);
        }
        return resources;
    }

    private static COSStream stream(String content) throws IOException {
        return raw(new COSStream(), content.getBytes(StandardCharsets.US_ASCII));
    }

    private static COSStream raw(COSStream stream, byte[] bytes) throws IOException {
        try (OutputStream out = stream.createRawOutputStream()) {
            out.write(bytes);
        }
        return stream;
    }
}
