package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.contentstream.operator.Operator;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.rendering.ImageType;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.rendering.PageDrawer;
import org.apache.pdfbox.rendering.PageDrawerParameters;

/** Looks at the bytes of a packet, whatever its name says, and draws its pages. Nothing is decoded before its size is known. */
final class PacketInspection {

    static final int MOST_BYTES = 20_000_000;
    static final int MOST_PAGES = 40;

    private static final int MOST_POINTS = 5_000;
    private static final int SHOWN_WIDTH = 1_400;
    /** Small print of a letter page is readable at this size. */
    private static final int LONGEST_SIDE = 2_800;

    private static final float[] QUALITIES = {0.85f, 0.6f, 0.4f};

    private PacketInspection() {}

    /** @throws RuleViolation {@link Refusal#FILE_REJECTED} with a reason that says what to do about it */
    static PacketContent inspect(byte[] bytes) {
        String type = mediaType(bytes);
        try {
            if (type.equals("image/tiff")) {
                requireEndOfPictures(ByteBuffer.wrap(bytes));
            }
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
        } catch (IOException | RuntimeException | StackOverflowError e) {
            if (e instanceof RuleViolation refused) {
                throw refused;
            }
            throw rejected("The file is damaged and cannot be opened");
        }
    }

    /** A page as a picture for a person or a reader, from 1. */
    static byte[] png(PacketContent packet, int page) {
        BufferedImage image = draw(packet, page);
        try {
            var png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #png}, in at most so many bytes: packed harder or made smaller until it fits. */
    static byte[] jpeg(PacketContent packet, int page, int mostBytes) {
        BufferedImage image = scaled(draw(packet, page), LONGEST_SIDE);
        while (true) {
            for (float quality : QUALITIES) {
                byte[] jpeg = jpeg(image, quality);
                if (jpeg.length <= mostBytes || Math.max(image.getWidth(), image.getHeight()) < 100) {
                    return jpeg;
                }
            }
            image = scaled(image, Math.max(image.getWidth(), image.getHeight()) * 2 / 3);
        }
    }

    private static byte[] jpeg(BufferedImage image, float quality) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        var bytes = new ByteArrayOutputStream();
        try (ImageOutputStream output = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(output);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** In colours that every format knows; no larger than this. */
    private static BufferedImage scaled(BufferedImage image, int longestSide) {
        double factor = Math.min(1, (double) longestSide / Math.max(image.getWidth(), image.getHeight()));
        if (factor == 1 && image.getType() == BufferedImage.TYPE_INT_RGB) {
            return image;
        }
        int width = Math.max(1, (int) Math.round(image.getWidth() * factor));
        int height = Math.max(1, (int) Math.round(image.getHeight() * factor));
        var scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return scaled;
    }

    private static BufferedImage draw(PacketContent packet, int page) {
        if (page < 1 || page > packet.pageCount()) {
            throw RuleViolation.notFound("the page");
        }
        try {
            return packet.mediaType().equals("application/pdf")
                    ? ofPdf(packet.bytes(), page)
                    : ofImage(packet.bytes(), page);
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
                requireOfPaper(document.getPage(i), i + 1);
            }
            if (pages <= MOST_PAGES) {
                PdfLimits.require(document);
            }
            return pages;
        }
    }

    private static void requireOfPaper(PDPage page, int number) {
        PDRectangle box = page.getCropBox();
        if (box.getWidth() > MOST_POINTS
                || box.getHeight() > MOST_POINTS
                || box.getWidth() <= 0
                || box.getHeight() <= 0) {
            throw rejected("Page %d is larger than any paper".formatted(number));
        }
    }

    /** Each picture of a TIFF says where the next one is: a reader follows that for ever if one leads back. */
    private static void requireEndOfPictures(ByteBuffer file) {
        file.order(file.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long at = Integer.toUnsignedLong(file.getInt(4));
        for (int pictures = 0; at != 0; pictures++) {
            if (pictures > MOST_PAGES || at > file.capacity() - 2) {
                throw rejected(
                        pictures > MOST_PAGES
                                ? "The file has more than %1$d pages, at most %1$d are read at once"
                                        .formatted(MOST_PAGES)
                                : "The file is damaged and cannot be opened");
            }
            long next = at + 2 + 12L * Short.toUnsignedInt(file.getShort((int) at));
            at = next > file.capacity() - 4 ? 0 : Integer.toUnsignedLong(file.getInt((int) next));
        }
    }

    private static int pagesOfImage(byte[] bytes) throws IOException {
        try (ImageInputStream input = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = reader(input);
            try {
                reader.setInput(input);
                int pages = reader.getNumImages(true);
                for (int i = 0; i < Math.min(pages, MOST_PAGES); i++) {
                    PdfLimits.requirePixels(reader.getWidth(i), reader.getHeight(i));
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
            return new BoundedRenderer(document)
                    .renderImage(page - 1, Math.min(3f, SHOWN_WIDTH / width), ImageType.RGB);
        }
    }

    /** Parts of a page that draw each other many times would be drawn for hours. */
    private static final class BoundedRenderer extends PDFRenderer {

        private int steps;

        private BoundedRenderer(PDDocument document) {
            super(document);
        }

        @Override
        protected PageDrawer createPageDrawer(PageDrawerParameters parameters) throws IOException {
            return new PageDrawer(parameters) {
                @Override
                protected void processOperator(Operator operator, List<COSBase> operands) throws IOException {
                    if (++steps > PdfLimits.MOST_STEPS) {
                        throw rejected("The page has too many parts to be drawn");
                    }
                    super.processOperator(operator, operands);
                }
            };
        }
    }

    private static BufferedImage ofImage(byte[] bytes, int page) throws IOException {
        try (ImageInputStream input = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = reader(input);
            try {
                reader.setInput(input);
                // Of a picture with more points than are shown, only every second or third is read.
                int longest = Math.max(reader.getWidth(page - 1), reader.getHeight(page - 1));
                int step = Math.max(1, longest / (2 * LONGEST_SIDE));
                ImageReadParam parameters = reader.getDefaultReadParam();
                parameters.setSourceSubsampling(step, step, 0, 0);
                BufferedImage image = reader.read(page - 1, parameters);
                return longest > LONGEST_SIDE ? scaled(image, LONGEST_SIDE) : image;
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
