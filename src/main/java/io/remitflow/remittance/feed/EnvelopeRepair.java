package io.remitflow.remittance.feed;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A damaged file with the beginning of its envelope put right: byte order mark, other text before the ISA, an ISA whose
 * elements are not padded, no envelope at all.
 *
 * <p>Touches nothing between ST and SE, where the money is. What it cannot put right without guessing stays as it is, for
 * the reader to reject.
 */
final class EnvelopeRepair {

    /** In a trailer of our own: as many as there are. */
    static final String COUNT = "?";

    private static final int HEAD = 1 << 16;
    private static final int[] ISA_WIDTHS = {2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1};
    private static final int FEWEST_CHARACTERS_OF_ISA = 32;

    private final byte[] head;
    private final List<String> repairs;
    private int at;
    private int putBefore;
    private int leftOut;

    private EnvelopeRepair(byte[] head, List<String> repairs) {
        this.head = head;
        this.repairs = repairs;
    }

    /** @param repairs receives in words what was put right */
    static InputStream of(InputStream bytes, List<String> repairs) throws IOException {
        byte[] head = bytes.readNBytes(HEAD);
        return new EnvelopeRepair(head, repairs).repaired(bytes);
    }

    /** As {@link #of}, with where its bytes were in the damaged file. */
    static Placed placed(InputStream bytes) throws IOException {
        var repair = new EnvelopeRepair(bytes.readNBytes(HEAD), new ArrayList<>());
        InputStream repaired = repair.repaired(bytes);
        return new Placed(repaired, repair.putBefore, repair.leftOut);
    }

    /**
     * @param putBefore bytes at its beginning that are ours
     * @param leftOut bytes at the beginning of the damaged file in whose place they stand
     */
    record Placed(InputStream bytes, int putBefore, int leftOut) {

        long originalOffset(long offset) {
            return offset < putBefore ? -1 : offset - putBefore + leftOut;
        }
    }

    private InputStream repaired(InputStream rest) {
        if (startsWith(0xEF, 0xBB, 0xBF)) {
            at = 3;
            repairs.add("The byte order mark before the ISA is left out");
        }
        skipBlanks();
        if (isSegment("ISA")) {
            return isaPutRight(rest);
        }
        if (isSegment("ST") || isSegment("GS")) {
            return enveloped(rest);
        }
        int isa = ForeignContent.indexOfIsa(head, at, head.length);
        if (isa > at) {
            repairs.add("%d characters of other text before the ISA are left out".formatted(isa - at));
            at = isa;
            return isaPutRight(rest);
        }
        return join(new byte[0], head, 0, rest, "");
    }

    /** The ISA padded to its 106 characters, if it has all its elements and none is too long. */
    private InputStream isaPutRight(InputStream rest) {
        byte separator = head[at + 3];
        List<String> elements = new ArrayList<>();
        int from = at + 4;
        for (int i = from; i < head.length && elements.size() < ISA_WIDTHS.length; i++) {
            if (head[i] == separator) {
                elements.add(new String(head, from, i - from, StandardCharsets.ISO_8859_1));
                from = i + 1;
            }
        }
        if (elements.size() < ISA_WIDTHS.length
                || from + 2 > head.length
                || from - at < FEWEST_CHARACTERS_OF_ISA
                || isWholeIsa(elements)) {
            return join(new byte[0], head, at, rest, "");
        }
        var isa = new StringBuilder("ISA");
        for (int i = 0; i < elements.size(); i++) {
            String padded = padded(elements.get(i), ISA_WIDTHS[i], i);
            if (padded == null) {
                return join(new byte[0], head, at, rest, "");
            }
            isa.append((char) separator).append(padded);
        }
        isa.append((char) separator);
        repairs.add("The ISA is padded to its 106 characters");
        return join(isa.toString().getBytes(StandardCharsets.ISO_8859_1), head, from, rest, "");
    }

    private static boolean isWholeIsa(List<String> elements) {
        for (int i = 0; i < ISA_WIDTHS.length; i++) {
            if (elements.get(i).length() != ISA_WIDTHS[i]) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String padded(String element, int width, int index) {
        String text = element.length() > width ? element.strip() : element;
        if (text.length() > width || text.chars().anyMatch(c -> c < ' ')) {
            return null;
        }
        boolean number = index == 12;
        String padding = (number ? "0" : index == 10 ? "^" : " ").repeat(width - text.length());
        return number ? padding + text : text + padding;
    }

    /** An envelope of our own around what has none; its delimiters are those that the content uses. */
    private InputStream enveloped(InputStream rest) {
        boolean group = isSegment("GS");
        char separator = (char) head[at + 2];
        int end = endOfSegment(separator);
        if (end < 0) {
            return join(new byte[0], head, at, rest, "");
        }
        char terminator = (char) head[end];
        char component = component(separator, terminator);
        String isa = String.join(
                        String.valueOf(separator),
                        "ISA",
                        "00",
                        " ".repeat(10),
                        "00",
                        " ".repeat(10),
                        "ZZ",
                        "UNKNOWN        ",
                        "ZZ",
                        "UNKNOWN        ",
                        "000101",
                        "0000",
                        "^",
                        "00501",
                        "000000001",
                        "0",
                        "P",
                        "")
                + component
                + terminator;
        String gs = String.join(
                        String.valueOf(separator),
                        "GS",
                        "HP",
                        "UNKNOWN",
                        "UNKNOWN",
                        "20000101",
                        "0000",
                        "1",
                        "X",
                        "005010X221A1")
                + terminator;
        String ge = String.join(String.valueOf(separator), "GE", COUNT, "1") + terminator;
        String iea = String.join(String.valueOf(separator), "IEA", "1", "000000001") + terminator;
        repairs.add(
                group
                        ? "An interchange envelope (ISA, IEA) is put around the file, which has none"
                        : "An envelope (ISA, GS, GE, IEA) is put around the file, which has none");
        byte[] before = (group ? isa : isa + gs).getBytes(StandardCharsets.ISO_8859_1);
        return join(before, head, at, rest, group ? iea : ge + iea);
    }

    /** The first character after the first segment's elements that is neither text nor the separator. */
    private int endOfSegment(char separator) {
        for (int i = at + 3; i < head.length; i++) {
            char c = (char) (head[i] & 0xFF);
            if (c != separator && c != ' ' && c != '-' && c != '.' && !Character.isLetterOrDigit(c)) {
                return i;
            }
        }
        return -1;
    }

    private char component(char separator, char terminator) {
        String text = new String(head, at, head.length - at, StandardCharsets.ISO_8859_1);
        for (String qualifier : List.of("HC", "NU", "AD", "N4", "HP")) {
            int svc = text.indexOf("SVC" + separator + qualifier);
            if (svc >= 0 && svc + 6 < text.length()) {
                char c = text.charAt(svc + 6);
                if (c != separator && c != terminator && c > ' ' && !Character.isLetterOrDigit(c)) {
                    return c;
                }
            }
        }
        return ':' == separator || ':' == terminator ? '>' : ':';
    }

    private boolean isSegment(String id) {
        if (head.length < at + id.length() + 1) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            if (head[at + i] != id.charAt(i)) {
                return false;
            }
        }
        byte next = head[at + id.length()];
        return next > ' ' && next < 0x7F && !Character.isLetterOrDigit(next);
    }

    private boolean startsWith(int... bytes) {
        if (head.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((head[i] & 0xFF) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private void skipBlanks() {
        while (at < head.length && (head[at] == ' ' || head[at] == '\r' || head[at] == '\n' || head[at] == '\t')) {
            at++;
        }
    }

    private InputStream join(byte[] before, byte[] head, int from, InputStream rest, String after) {
        putBefore = before.length;
        leftOut = from;
        var first = new ByteArrayOutputStream();
        first.writeBytes(before);
        first.write(head, from, head.length - from);
        return new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(first.toByteArray()),
                rest,
                new ByteArrayInputStream(after.getBytes(StandardCharsets.ISO_8859_1)))));
    }
}
