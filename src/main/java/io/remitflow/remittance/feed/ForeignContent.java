package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraRejected.Reason;
import java.util.List;

/** Recognises by its first bytes what people send by mistake instead of an 835. */
final class ForeignContent {

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    Reason.BYTE_ORDER_MARK,
                    "The file begins with a byte order mark (three bytes) before the ISA",
                    0xEF,
                    0xBB,
                    0xBF),
            new Kind(Reason.WRONG_ENCODING, "The file is encoded as UTF-16; an 835 must be ASCII or UTF-8", 0xFF, 0xFE),
            new Kind(Reason.WRONG_ENCODING, "The file is encoded as UTF-16; an 835 must be ASCII or UTF-8", 0xFE, 0xFF),
            new Kind(
                    Reason.WRONG_ENCODING, "The file is encoded in EBCDIC; ask the sender for ASCII", 0xC9, 0xE2, 0xC1),
            new Kind(Reason.NOT_X12, "This is a PDF document, not an 835", '%', 'P', 'D', 'F'),
            new Kind(Reason.NOT_X12, "This is a ZIP archive, not an 835: unpack it first", 'P', 'K', 3, 4),
            new Kind(Reason.NOT_X12, "This is a GZIP archive, not an 835: unpack it first", 0x1F, 0x8B),
            new Kind(Reason.NOT_X12, "This is a JPEG image, not an 835", 0xFF, 0xD8, 0xFF),
            new Kind(Reason.NOT_X12, "This is a PNG image, not an 835", 0x89, 'P', 'N', 'G'),
            new Kind(Reason.NOT_X12, "This is a TIFF image, not an 835", 'I', 'I', 42, 0),
            new Kind(Reason.NOT_X12, "This is a TIFF image, not an 835", 'M', 'M', 0, 42),
            new Kind(Reason.NOT_X12, "This is an XML or HTML document, not an 835", '<'),
            new Kind(Reason.NOT_TEXT, "The file holds binary data, not text", 0));

    private ForeignContent() {}

    static void check(byte[] bytes, int from, int to, long offset) {
        for (var kind : KINDS) {
            if (kind.isAt(bytes, from, to)) {
                throw new EraRejected(kind.reason, EraPosition.atOffset(offset), kind.message);
            }
        }
    }

    static int indexOfIsa(byte[] bytes, int from, int to) {
        for (int i = from; i + 3 < to; i++) {
            if (bytes[i] == 'I' && bytes[i + 1] == 'S' && bytes[i + 2] == 'A' && isPunctuation(bytes[i + 3])) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isPunctuation(byte b) {
        return b > ' ' && b < 0x7F && !Character.isLetterOrDigit(b);
    }

    private record Kind(Reason reason, String message, int... beginning) {

        boolean isAt(byte[] bytes, int from, int to) {
            if (to - from < beginning.length) {
                return false;
            }
            for (int i = 0; i < beginning.length; i++) {
                if ((bytes[from + i] & 0xFF) != beginning[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
