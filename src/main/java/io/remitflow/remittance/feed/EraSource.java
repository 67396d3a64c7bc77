package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraRejected.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an interchange file, checked before the EDI parser sees them.
 *
 * <p>The parser gives up on a byte order mark, on text before ISA or on an ISA of the wrong length without saying what
 * is wrong, and knows nothing of encodings, control characters or endless segments. Here each of them has its own
 * reason and its own place. Line ends between and within segments are dropped, so are blanks before a segment.
 *
 * <p>What is right up to the first fault is still handed on; the fault is thrown by the read after it. So the first
 * fault of the file is the one reported, whatever the sizes of the chunks in which the bytes arrive.
 */
final class EraSource extends InputStream {

    /** Far above the longest segment of an 835, far below what could hurt. */
    static final int SEGMENT_LIMIT = 4_000;

    private static final int BUFFER_SIZE = 1 << 16;
    private static final int ISA_LENGTH = 106;
    /** Offsets of the element separators in an ISA. */
    private static final int[] ISA_SEPARATORS = {3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103};

    private enum Place {
        BEFORE_INTERCHANGE,
        BEFORE_SEGMENT,
        IN_SEGMENT_ID,
        IN_SEGMENT
    }

    private final InputStream bytes;
    private final byte[] buffer = new byte[BUFFER_SIZE];
    private int next;
    private int limit;
    private long bufferOffset;
    private boolean ended;
    private boolean anyRead;

    private Place place = Place.BEFORE_INTERCHANGE;
    private byte elementSeparator;
    private byte terminator;
    private boolean lineEndsAreData;
    private final byte[] id = new byte[3];
    private int idLength;
    private int segmentLength;
    private int continuationBytes;
    private boolean asciiOnly = true;
    private int interchanges;
    private long segments;
    private long segmentStart;
    private @Nullable EraRejected fault;

    private final SegmentStarts starts = new SegmentStarts();

    EraSource(InputStream bytes) {
        this.bytes = bytes;
    }

    /** Offset of the first byte of the next segment not asked for yet; call once per segment the parser delivers. */
    long takeSegmentStart() {
        return starts.take();
    }

    /** The text of characters that each stand for one byte of this source. */
    String decoded(String bytesAsCharacters) {
        return asciiOnly
                ? bytesAsCharacters
                : new String(bytesAsCharacters.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    long bytesRead() {
        return bufferOffset + next;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (fault != null) {
            throw fault;
        }
        int written = 0;
        try {
            while (written < length) {
                if (next == limit && !fill()) {
                    return written == 0 ? endOfFile(target, offset) : written;
                }
                if (place == Place.BEFORE_INTERCHANGE) {
                    if (skipBlanks() && beginsInterchange()) {
                        // The ISA has been checked as a whole; let it through like any other segment.
                        place = Place.BEFORE_SEGMENT;
                    }
                    continue;
                }
                if (place == Place.IN_SEGMENT && continuationBytes == 0) {
                    int plain = plainBytes(length - written);
                    System.arraycopy(buffer, next, target, offset + written, plain);
                    next += plain;
                    segmentLength += plain;
                    written += plain;
                    if (next == limit || written == length) {
                        continue;
                    }
                }
                byte b = buffer[next];
                if (accept(b)) {
                    target[offset + written++] = b;
                }
                next++;
            }
        } catch (EraRejected e) {
            fault = e;
            if (written == 0) {
                throw e;
            }
        }
        return written;
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }

    /** How many of the next bytes are printable ASCII within the segment: most are, and nothing is to be checked of them. */
    private int plainBytes(int most) {
        int end = next + Math.min(Math.min(most, limit - next), SEGMENT_LIMIT - segmentLength);
        int at = next;
        while (at < end && buffer[at] >= 0x20 && buffer[at] < 0x7F && buffer[at] != terminator) {
            at++;
        }
        return at - next;
    }

    /** Whether the byte belongs to the data, as opposed to a line end or blank that only lays it out. */
    private boolean accept(byte b) {
        switch (place) {
            case BEFORE_SEGMENT -> {
                if (isBlank(b)) {
                    return false;
                }
                beginSegment();
            }
            case IN_SEGMENT, IN_SEGMENT_ID -> {
                if ((b == '\r' || b == '\n') && b != terminator && !lineEndsAreData) {
                    return false;
                }
            }
            case BEFORE_INTERCHANGE -> throw new IllegalStateException();
        }
        if (b == terminator) {
            endSegment();
            return true;
        }
        if (++segmentLength > SEGMENT_LIMIT) {
            throw reject(
                    Reason.TOO_LARGE,
                    "A segment is longer than %d characters: its end mark is missing".formatted(SEGMENT_LIMIT));
        }
        checkEncoding(b);
        if (place == Place.IN_SEGMENT_ID) {
            readId(b);
        }
        return true;
    }

    private void beginSegment() {
        place = Place.IN_SEGMENT_ID;
        idLength = 0;
        segmentLength = 0;
        segmentStart = bufferOffset + next;
        segments++;
        starts.add(segmentStart);
    }

    private void readId(byte b) {
        if (b == elementSeparator) {
            endId();
            place = Place.IN_SEGMENT;
            return;
        }
        if (b >= 'a' && b <= 'z') {
            throw reject(Reason.LOWER_CASE, "Segment ids must be in capital letters");
        }
        boolean letter = b >= 'A' && b <= 'Z';
        boolean digit = b >= '0' && b <= '9';
        if (idLength == id.length || !(letter || (digit && idLength > 0))) {
            throw reject(Reason.WRONG_STRUCTURE, "A segment id of two or three capital letters or digits must be here");
        }
        id[idLength++] = b;
    }

    private void endId() {
        if (idLength < 2) {
            throw reject(
                    Reason.WRONG_STRUCTURE,
                    segmentLength <= 1
                            ? "There is a segment without content"
                            : "A segment id of two or three capital letters or digits must be here");
        }
        if (isId('I', 'S', 'A') && segmentStart != interchangeStart) {
            throw reject(
                    Reason.WRONG_STRUCTURE, "A second ISA begins before the first interchange is closed by its IEA");
        }
    }

    private void endSegment() {
        if (place == Place.IN_SEGMENT_ID) {
            endId();
        }
        if (continuationBytes > 0) {
            throw wrongEncoding();
        }
        place = isId('I', 'E', 'A') ? Place.BEFORE_INTERCHANGE : Place.BEFORE_SEGMENT;
    }

    private boolean isId(char a, char b, char c) {
        return idLength == 3 && id[0] == a && id[1] == b && id[2] == c;
    }

    /** Text must be ASCII or well-formed UTF-8, without control characters other than the delimiters. */
    private void checkEncoding(byte b) {
        if (b >= 0x20 && b < 0x7F) {
            if (continuationBytes > 0) {
                throw wrongEncoding();
            }
            return;
        }
        if (b >= 0) {
            if (b == elementSeparator || b == component || b == repetition) {
                return;
            }
            throw reject(
                    Reason.NOT_TEXT,
                    "There is a control character (code %d) that text cannot hold: the file is damaged".formatted(b));
        }
        asciiOnly = false;
        int value = b & 0xFF;
        if (continuationBytes > 0) {
            if (value > 0xBF || value < firstContinuationFrom || value > firstContinuationTo) {
                throw wrongEncoding();
            }
            firstContinuationFrom = 0x80;
            firstContinuationTo = 0xBF;
            continuationBytes--;
            return;
        }
        continuationBytes = value >= 0xC2 && value <= 0xDF
                ? 1
                : value >= 0xE0 && value <= 0xEF ? 2 : value >= 0xF0 && value <= 0xF4 ? 3 : -1;
        if (continuationBytes < 0) {
            throw wrongEncoding();
        }
        firstContinuationFrom = value == 0xE0 ? 0xA0 : value == 0xF0 ? 0x90 : 0x80;
        firstContinuationTo = value == 0xED ? 0x9F : value == 0xF4 ? 0x8F : 0xBF;
    }

    private int firstContinuationFrom = 0x80;
    private int firstContinuationTo = 0xBF;
    private byte component;
    private byte repetition;
    private long interchangeStart = -1;

    private EraRejected wrongEncoding() {
        return reject(
                Reason.WRONG_ENCODING,
                "A character is not UTF-8. Ask the sender for plain ASCII or UTF-8; names would be stored wrongly");
    }

    private boolean skipBlanks() throws IOException {
        do {
            while (next < limit) {
                if (!isBlank(buffer[next])) {
                    return true;
                }
                next++;
            }
        } while (fill());
        return false;
    }

    /** Checks the ISA as a whole and takes the delimiters from it. */
    private boolean beginsInterchange() throws IOException {
        fillAtLeast(ISA_LENGTH + 1);
        int available = limit - next;
        if (interchanges == 0) {
            ForeignContent.check(buffer, next, limit, bufferOffset + next);
        }
        if (!startsWith("ISA")) {
            throw notAnIsa();
        }
        byte separator = available > 3 ? buffer[next + 3] : 0;
        if (available > 3 && (isLetterOrDigit(separator) || separator < 0 || separator == 0 || separator == ' ')) {
            throw rejectAt(3, Reason.WRONG_DELIMITERS, "The character after ISA must be the element separator");
        }
        checkIsaLayout(separator, available);
        elementSeparator = separator;
        byte repetitionOrStandard = buffer[next + 82];
        repetition = isLetterOrDigit(repetitionOrStandard) ? separator : repetitionOrStandard;
        component = buffer[next + 104];
        terminator = buffer[next + 105];
        checkDelimiter(104, component, "component separator (ISA16)");
        checkDelimiter(105, terminator, "segment end mark");
        if (component == separator || component == terminator || terminator == separator || repetition == terminator) {
            throw rejectAt(104, Reason.WRONG_DELIMITERS, "Two of the delimiters that the ISA declares are the same");
        }
        lineEndsAreData = isLineEnd(separator) || isLineEnd(component) || isLineEnd(repetition);
        interchangeStart = bufferOffset + next;
        interchanges++;
        anyRead = true;
        return true;
    }

    private void checkIsaLayout(byte separator, int available) {
        int element = 0;
        int last = next + 3;
        for (int at : ISA_SEPARATORS) {
            element++;
            if (at >= available) {
                throw rejectAt(available, Reason.TRUNCATED, "The file ends within its first segment, the ISA");
            }
            if (buffer[next + at] != separator || contains(separator, last + 1, next + at)) {
                throw wrongIsaLength(element, separator, available);
            }
            last = next + at;
        }
        if (available < ISA_LENGTH) {
            throw rejectAt(available, Reason.TRUNCATED, "The file ends within its first segment, the ISA");
        }
        for (int i = next; i < next + ISA_LENGTH - 1; i++) {
            if (buffer[i] < 0x20 && buffer[i] != separator && i != next + 104 && i != next + 82) {
                throw rejectAt(i - next, Reason.WRONG_ISA_LENGTH, "The ISA must be 106 characters on one line");
            }
        }
    }

    /** The separator that ends ISA element (element - 1) is not where it must be. */
    private EraRejected wrongIsaLength(int element, byte separator, int available) {
        int from = ISA_SEPARATORS[Math.max(0, element - 2)] + 1;
        int required = ISA_SEPARATORS[element - 1] - from;
        int length = 0;
        while (from + length < available && length < ISA_LENGTH && buffer[next + from + length] != separator) {
            length++;
        }
        var position = isaPosition(from).withElement(Math.max(1, element - 1));
        return new EraRejected(
                Reason.WRONG_ISA_LENGTH,
                position,
                "The ISA must have exactly 106 characters: ISA%02d has %d instead of %d"
                        .formatted(Math.max(1, element - 1), length, required));
    }

    private void checkDelimiter(int at, byte delimiter, String name) {
        if (isLetterOrDigit(delimiter) || delimiter < 0 || delimiter == 0 || delimiter == ' ') {
            throw rejectAt(
                    at,
                    at == 105 ? Reason.WRONG_ISA_LENGTH : Reason.WRONG_DELIMITERS,
                    "Character %d of the ISA must be the %s, not a letter, digit or blank".formatted(at + 1, name));
        }
    }

    private EraRejected notAnIsa() {
        if (interchanges > 0) {
            return rejectAt(0, Reason.TEXT_AFTER_END, "After the IEA only another ISA may follow");
        }
        if (startsWith("isa")) {
            return rejectAt(0, Reason.LOWER_CASE, "Segment ids must be in capital letters");
        }
        if (startsWith("ST") || startsWith("GS")) {
            return rejectAt(
                    0,
                    Reason.NO_ENVELOPE,
                    "The file begins with %s: the envelope (ISA, GS) around the transaction is missing"
                            .formatted(startsWith("ST") ? "ST" : "GS"));
        }
        int isa = ForeignContent.indexOfIsa(buffer, next, limit);
        if (isa >= 0) {
            return rejectAt(
                    0,
                    Reason.TEXT_BEFORE_ISA,
                    "There are %d characters of other text before the ISA".formatted(isa - next));
        }
        return rejectAt(0, Reason.NOT_X12, "This is not an X12 file: it does not begin with ISA");
    }

    private int endOfFile(byte[] target, int offset) {
        if (!anyRead) {
            throw new EraRejected(
                    Reason.EMPTY,
                    EraPosition.atOffset(0),
                    bufferOffset + limit == 0 ? "The file is empty" : "The file holds only blanks");
        }
        if (place == Place.BEFORE_INTERCHANGE) {
            return -1;
        }
        if (place == Place.IN_SEGMENT && isId('I', 'E', 'A')) {
            // The last segment may come without its end mark; its control number shows that it is whole.
            endSegment();
            target[offset] = terminator;
            return 1;
        }
        throw reject(Reason.TRUNCATED, "The file ends before its end segment (IEA): it is incomplete");
    }

    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        bufferOffset += limit;
        next = 0;
        limit = bytes.readNBytes(buffer, 0, buffer.length);
        ended = limit < buffer.length;
        return limit > 0;
    }

    /** Moves what is left to the front and reads on, so that an ISA is seen in one piece. */
    private void fillAtLeast(int wanted) throws IOException {
        if (limit - next >= wanted || ended) {
            return;
        }
        int left = limit - next;
        System.arraycopy(buffer, next, buffer, 0, left);
        bufferOffset += next;
        next = 0;
        int read = bytes.readNBytes(buffer, left, buffer.length - left);
        ended = left + read < buffer.length;
        limit = left + read;
    }

    private boolean startsWith(String text) {
        if (limit - next < text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (buffer[next + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean contains(byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (buffer[i] == wanted) {
                return true;
            }
        }
        return false;
    }

    private EraRejected reject(Reason reason, String message) {
        if (place == Place.BEFORE_INTERCHANGE || segments == 0) {
            return new EraRejected(reason, EraPosition.atOffset(bufferOffset + next), message);
        }
        var name = new String(id, 0, idLength, StandardCharsets.US_ASCII);
        return new EraRejected(reason, new EraPosition(segments, bufferOffset + next, name, 0, 0), message);
    }

    private EraRejected rejectAt(int ahead, Reason reason, String message) {
        return new EraRejected(reason, EraPosition.atOffset(bufferOffset + next + ahead), message);
    }

    private EraPosition isaPosition(int ahead) {
        return new EraPosition(segments + 1, bufferOffset + next + ahead, "ISA", 0, 0);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\r' || b == '\n' || b == '\t';
    }

    private static boolean isLineEnd(byte b) {
        return b == '\r' || b == '\n';
    }

    private static boolean isLetterOrDigit(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
    }

    /** First in, first out; holds no more than the segments of one read of the parser. */
    private static final class SegmentStarts {

        private long[] offsets = new long[256];
        private int head;
        private int size;

        void add(long offset) {
            if (size == offsets.length) {
                long[] larger = new long[offsets.length * 2];
                for (int i = 0; i < size; i++) {
                    larger[i] = offsets[(head + i) % offsets.length];
                }
                offsets = larger;
                head = 0;
            }
            offsets[(head + size++) % offsets.length] = offset;
        }

        long take() {
            if (size == 0) {
                return -1;
            }
            long offset = offsets[head];
            head = (head + 1) % offsets.length;
            size--;
            return offset;
        }

        @Override
        public String toString() {
            return Arrays.toString(offsets);
        }
    }
}
