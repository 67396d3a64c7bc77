package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;
import org.apache.pdfbox.rendering.ImageType;
import org.apache.pdfbox.rendering.PDFRenderer;

/** Looks at the bytes of a packet, whatever its name says, and draws its pages. Nothing is decoded before its size is known. */
final class PacketInspection {

    static final int MOST_BYTES = 20_000_000;
    static final int MOST_PAGES = 40;

    private static final long MOST_PIXELS = 60_000_000;
    private static final int MOST_POINTS = 5_000;
    private static final int SHOWN_WIDTH = 1_400;

    private PacketInspection() {}

    /** @throws RuleViolation {@link Refusal#FILE_REJECTED} with a reason that says what to do about it */
    static PacketContent inspect(byte[] bytes) {
        String type = mediaType(bytes);
        try {
            int pages = type.equals("application/pdf") ? pagesOfPdf(bytes) : pagesOfImage(bytes);
            if (pages == 0) {
                throw rejected("The file has no pages");
            }
            if (pages > MOST_PAGES) {
                throw rejected("The file has %d pages, at most %d are read at once".formatted(pages, MOST_PAGES));
            }
            return new PacketContent(bytes, type, pages);
        } catch (InvalidPasswordException e) {
            throw rejected("The PDF is encrypted: save it without a password");
        } catch (IOException | RuntimeException e) {
            if (e instanceof RuleViolation refused) {
                throw refused;
            }
            throw rejected("The file is damaged and cannot be opened");
        }
    }

    /** A page as a picture for a person or a reader, from 1. */
    static byte[] png(PacketContent packet, int page) {
        if (page < 1 || page > packet.pageCount()) {
            throw RuleViolation.notFound("the page");
        }
        try {
            BufferedImage image = packet.mediaType().equals("application/pdf")
                    ? ofPdf(packet.bytes(), page)
                    : ofImage(packet.bytes(), page);
            var png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String mediaType(byte[] bytes) {
        if (bytes.length == 0) {
            throw rejected("The file is empty");
        }
        if (startsWith(bytes, '%', 'P', 'D', 'F', '-')) {
            return "application/pdf";
        }
        if (startsWith(bytes, 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a)) {
            return "image/png";
        }
        if (startsWith(bytes, 0xff, 0xd8, 0xff)) {
            return "image/jpeg";
        }
        if (startsWith(bytes, 'I', 'I', 42, 0) || startsWith(bytes, 'M', 'M', 0, 42)) {
            return "image/tiff";
        }
        throw rejected("The file is neither a PDF nor a PNG, JPEG or TIFF picture");
    }

    private static boolean startsWith(byte[] bytes, int... expected) {
        for (int i = 0; i < expected.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private static int pagesOfPdf(byte[] bytes) throws IOException {
        try (PDDocument document = Loader.loadPDF(bytes)) {
            if (document.isEncrypted()) {
                throw rejected("The PDF is encrypted: save it without a password");
            }
            int pages = document.getNumberOfPages();
            for (int i = 0; i < Math.min(pages, MOST_PAGES); i++) {
                requireDrawable(document.getPage(i));
            }
            return pages;
        }
    }

    private static void requireDrawable(PDPage page) throws IOException {
        PDRectangle box = page.getCropBox();
        if (box.getWidth() > MOST_POINTS
                || box.getHeight() > MOST_POINTS
                || box.getWidth() <= 0
                || box.getHeight() <= 0) {
            throw rejected("A page is larger than any paper");
        }
        PDResources resources = page.getResources();
        if (resources == null) {
            return;
        }
        for (COSName name : resources.getXObjectNames()) {
            if (resources.isImageXObject(name)
                    && resources.getXObject(name) instanceof PDImageXObject image
                    && (long) image.getWidth() * image.getHeight() > MOST_PIXELS) {
                throw rejected("A picture in it has more than %,d pixels".formatted(MOST_PIXELS));
            }
        }
    }

    private static int pagesOfImage(byte[] bytes) throws IOException {
        try (ImageInputStream input = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = reader(input);
            try {
                reader.setInput(input);
                int pages = reader.getNumImages(true);
                for (int i = 0; i < Math.min(pages, MOST_PAGES); i++) {
                    if ((long) reader.getWidth(i) * reader.getHeight(i) > MOST_PIXELS) {
                        throw rejected("The picture has more than %,d pixels".formatted(MOST_PIXELS));
                    }
                }
                return pages;
            } finally {
                reader.dispose();
            }
        }
    }

    private static BufferedImage ofPdf(byte[] bytes, int page) throws IOException {
        try (PDDocument document = Loader.loadPDF(bytes)) {
            float width = document.getPage(page - 1).getCropBox().getWidth();
            return new PDFRenderer(document).renderImage(page - 1, Math.min(3f, SHOWN_WIDTH / width), ImageType.RGB);
        }
    }

    private static BufferedImage ofImage(byte[] bytes, int page) throws IOException {
        try (ImageInputStream input = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = reader(input);
            try {
                reader.setInput(input);
                return reader.read(page - 1);
            } finally {
                reader.dispose();
            }
        }
    }

    private static ImageReader reader(ImageInputStream input) {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
        if (!readers.hasNext()) {
            throw rejected("The file is damaged and cannot be opened");
        }
        return readers.next();
    }

    private static RuleViolation rejected(String reason) {
        return new RuleViolation(Refusal.FILE_REJECTED, reason);
    }
}
