package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.apache.pdfbox.contentstream.operator.Operator;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSObject;
import org.apache.pdfbox.cos.COSObjectKey;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.filter.FilterFactory;
import org.apache.pdfbox.pdfparser.PDFStreamParser;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every object of a PDF, wherever it is used: none may unpack to more than the memory holds. What is packed is
 * unpacked piece by piece and counted, not kept.
 */
final class PdfLimits {

    static final long MOST_PIXELS = 60_000_000;

    /** Steps of drawing or reading, so that parts that repeat each other come to an end. */
    static final int MOST_STEPS = 200_000;

    private static final int MOST_OBJECTS = 200_000;
    private static final int MOST_FILTERS = 4;
    private static final int COLUMNS_OF_A_FAX = 1_728;
    private static final long MOST_ROW_BYTES = 1_000_000;
    private static final long MOST_BYTES_OF_A_PICTURE = 250_000_000;
    private static final long MOST_BYTES_OF_PICTURES = 2_000_000_000;
    private static final long MOST_BYTES_OF_THE_REST = 60_000_000;

    private static final Set<String> JPEG = Set.of("DCTDecode", "DCT");
    private static final Set<String> FAX = Set.of("CCITTFaxDecode", "CCF");
    private static final Set<String> JBIG2 = Set.of("JBIG2Decode");
    private static final Set<String> JPEG_2000 = Set.of("JPXDecode");

    private final Map<COSStream, Long> sizes = new IdentityHashMap<>();
    private long pictures;
    private long rest;

    private PdfLimits() {}

    /** @throws RuleViolation {@link Refusal#FILE_REJECTED} if it needs more than we have */
    static void require(PDDocument document) throws IOException {
        Map<COSObjectKey, Long> table = document.getDocument().getXrefTable();
        if (table.size() > MOST_OBJECTS) {
            throw rejected("The PDF has more than %,d objects".formatted(MOST_OBJECTS));
        }
        var limits = new PdfLimits();
        // An object that is in a container unpacks the whole container, so these are first. Their place is minus its
        // number.
        for (long place : Set.copyOf(table.values())) {
            if (place < 0) {
                limits.look(document.getDocument().getObjectFromPool(new COSObjectKey(-place, 0)));
            }
        }
        for (COSObjectKey key : table.keySet()) {
            limits.look(document.getDocument().getObjectFromPool(key));
        }
        for (PDPage page : document.getPages()) {
            limits.look(page);
        }
    }

    private void look(@Nullable COSObject object) throws IOException {
        if (object != null && object.getObject() instanceof COSStream stream && !sizes.containsKey(stream)) {
            boolean picture = COSName.IMAGE.equals(stream.getCOSName(COSName.SUBTYPE));
            if (picture) {
                requirePixels(stream.getLong(COSName.WIDTH), stream.getLong(COSName.HEIGHT));
            }
            try (InputStream packed = stream.createRawInputStream()) {
                byte[] content = unpack(packed, stream, stream.getFilters(), picture, size -> sizes.put(stream, size));
                if (content != null && mayDraw(stream, content)) {
                    lookAtInlinePictures(new PDFStreamParser(content));
                }
            }
        }
    }

    /** The parts of a page are one text, and a part may be in it many times. */
    private void look(PDPage page) throws IOException {
        if (page.getCOSObject().getDictionaryObject(COSName.CONTENTS) instanceof COSArray parts) {
            long sum = 0;
            for (int i = 0; i < parts.size(); i++) {
                sum += parts.getObject(i) instanceof COSStream part ? sizes.getOrDefault(part, 0L) : 0;
                if (sum > MOST_BYTES_OF_THE_REST) {
                    throw tooLarge();
                }
            }
            if (parts.size() > 1) {
                lookAtInlinePictures(new PDFStreamParser(page));
            }
        }
    }

    private interface Measured {
        void is(long size);
    }

    /** @return null: it is a picture, which is not kept */
    private byte @Nullable [] unpack(
            InputStream packed, COSDictionary parameters, @Nullable COSBase named, boolean picture, Measured measured)
            throws IOException {
        List<String> filters = names(named);
        if (filters.size() > MOST_FILTERS) {
            throw rejected("A part of the PDF is packed more than %d times".formatted(MOST_FILTERS));
        }
        requireRows(parameters);
        InputStream in = packed;
        for (int i = 0; i < filters.size(); i++) {
            String filter = filters.get(i);
            if (lookAtCodec(filter, in, parameters)) {
                measured.is(0);
                return null;
            }
            boolean last = i == filters.size() - 1;
            var out = new Counted(last && picture, last && picture ? null : new ByteArrayOutputStream());
            try {
                FilterFactory.INSTANCE.getFilter(filter).decode(in, out, parameters, i);
            } catch (IOException e) {
                // What is damaged is as damaged when it is drawn: that much of it is shown.
            }
            if (last) {
                measured.is(out.count);
            }
            if (out.kept == null) {
                return null;
            }
            in = new ByteArrayInputStream(out.kept.toByteArray());
        }
        byte[] content = in.readAllBytes();
        if (filters.isEmpty()) {
            measured.is(content.length);
        }
        return content;
    }

    /** Whether it is coded as a picture; how large it gets is then said at its beginning. */
    private static boolean lookAtCodec(String filter, InputStream in, COSDictionary parameters) throws IOException {
        if (JPEG_2000.contains(filter)) {
            throw rejected(
                    "A picture in it is a JPEG 2000, which cannot be shown: scan as JPEG, TIFF or PDF without it");
        }
        if (JPEG.contains(filter)) {
            requirePixelsOfJpeg(in.readAllBytes());
            return true;
        }
        if (JBIG2.contains(filter)) {
            Jbig2Sizes.require(in.readAllBytes());
            return true;
        }
        if (FAX.contains(filter)) {
            // Other columns than these are in its parameters, which are looked at before.
            requirePixels(
                    COLUMNS_OF_A_FAX, Math.max(parameters.getLong(COSName.HEIGHT), parameters.getLong(COSName.H)));
            return true;
        }
        return false;
    }

    private static void requirePixelsOfJpeg(byte[] bytes) throws IOException {
        try (ImageInputStream input = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            var readers = ImageIO.getImageReadersByFormatName("jpeg");
            ImageReader reader = readers.next();
            try {
                reader.setInput(input);
                requirePixels(reader.getWidth(0), reader.getHeight(0));
            } catch (IOException e) {
                // Nobody can draw it: the page stays white there.
            } finally {
                reader.dispose();
            }
        }
    }

    /** Both filters with rows allocate one, and fax all of them, as large as the file says. */
    private static void requireRows(COSDictionary parameters) {
        COSBase said = parameters.getDictionaryObject(COSName.DECODE_PARMS, COSName.DP);
        List<COSDictionary> all = new ArrayList<>();
        if (said instanceof COSArray array) {
            for (int i = 0; i < Math.min(array.size(), MOST_FILTERS + 1); i++) {
                if (array.getObject(i) instanceof COSDictionary one) {
                    all.add(one);
                }
            }
        } else if (said instanceof COSDictionary one) {
            all.add(one);
        }
        long height = Math.max(parameters.getLong(COSName.HEIGHT), parameters.getLong(COSName.H));
        for (COSDictionary one : all) {
            long columns = Math.max(one.getLong(COSName.COLUMNS), 1);
            long colors = Math.max(one.getInt(COSName.COLORS), 1);
            long bits = Math.max(one.getInt(COSName.BITS_PER_COMPONENT), 1);
            if (columns > MOST_PIXELS || colors > 64 || bits > 64 || columns * colors * bits / 8 > MOST_ROW_BYTES) {
                throw tooLarge();
            }
            requirePixels(columns, Math.max(one.getLong(COSName.ROWS), height));
        }
    }

    private static void lookAtInlinePictures(PDFStreamParser parser) {
        var limits = new PdfLimits();
        try {
            for (Object token = parser.parseNextToken(); token != null; token = parser.parseNextToken()) {
                if (token instanceof Operator operator
                        && operator.getImageParameters() != null
                        && operator.getImageData() != null) {
                    COSDictionary picture = operator.getImageParameters();
                    requirePixels(
                            Math.max(picture.getLong(COSName.W), picture.getLong(COSName.WIDTH)),
                            Math.max(picture.getLong(COSName.H), picture.getLong(COSName.HEIGHT)));
                    limits.unpack(
                            new ByteArrayInputStream(operator.getImageData()),
                            picture,
                            picture.getDictionaryObject(COSName.F, COSName.FILTER),
                            true,
                            size -> {});
                }
            }
        } catch (IOException e) {
            // Drawing ends there too.
        }
    }

    /** Only what may hold a picture between its words; fonts and containers are not drawn. */
    private static boolean mayDraw(COSStream stream, byte[] content) {
        if (stream.containsKey(COSName.LENGTH1) || COSName.OBJ_STM.equals(stream.getCOSName(COSName.TYPE))) {
            return false;
        }
        for (int i = 0; i + 1 < content.length; i++) {
            if (content[i] == 'I' && content[i + 1] == 'D') {
                return true;
            }
        }
        return false;
    }

    private static List<String> names(@Nullable COSBase named) {
        List<String> names = new ArrayList<>();
        if (named instanceof COSName one) {
            names.add(one.getName());
        } else if (named instanceof COSArray several) {
            for (int i = 0; i < Math.min(several.size(), MOST_FILTERS + 1); i++) {
                if (several.getObject(i) instanceof COSName one) {
                    names.add(one.getName());
                }
            }
        }
        return names;
    }

    static void requirePixels(long width, long height) {
        if (width > MOST_PIXELS || height > MOST_PIXELS || Math.max(width, 0) * Math.max(height, 0) > MOST_PIXELS) {
            throw rejected("A picture in it has more than %,d pixels".formatted(MOST_PIXELS));
        }
    }

    private static RuleViolation tooLarge() {
        return rejected("A part of the PDF unpacks to more than is read at once");
    }

    private static RuleViolation rejected(String reason) {
        return new RuleViolation(Refusal.FILE_REJECTED, reason);
    }

    /** Counts what is unpacked, and keeps what is looked into. */
    private final class Counted extends OutputStream {

        private final boolean picture;
        private final @Nullable ByteArrayOutputStream kept;
        private long count;

        private Counted(boolean picture, @Nullable ByteArrayOutputStream kept) {
            this.picture = picture;
            this.kept = kept;
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
            if (picture) {
                pictures += length;
            } else {
                rest += length;
            }
            if (count > MOST_BYTES_OF_A_PICTURE || pictures > MOST_BYTES_OF_PICTURES || rest > MOST_BYTES_OF_THE_REST) {
                throw tooLarge();
            }
            if (kept != null) {
                kept.write(bytes, offset, length);
            }
        }
    }
}
