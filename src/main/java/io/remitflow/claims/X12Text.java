package io.remitflow.claims;

import java.text.Normalizer;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One X12 5010 interchange with one transaction, written segment by segment. Text is written in upper case, and what would be
 * read as a delimiter becomes a blank.
 */
final class X12Text {

    static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT);
    static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HHmm", Locale.ROOT);
    private static final DateTimeFormatter SHORT_DAY = DateTimeFormatter.ofPattern("yyMMdd", Locale.ROOT);

    private final StringBuilder text = new StringBuilder();
    private final int number;
    private int segments;

    private X12Text(int number) {
        this.number = number;
    }

    /**
     * @param group GS01
     * @param guide implementation guide, such as 005010X222A1
     * @param number the control number of the interchange, 1 to 999,999,999
     */
    record Envelope(
            String group,
            String transaction,
            String guide,
            String sender,
            String receiver,
            LocalDateTime at,
            int number) {}

    static X12Text open(Envelope envelope) {
        var out = new X12Text(envelope.number());
        LocalDateTime at = envelope.at();
        out.text.append("ISA*00*          *00*          *ZZ*%-15s*ZZ*%-15s*%s*%s*^*00501*%09d*0*P*:~\n"
                .formatted(
                        envelope.sender(),
                        envelope.receiver(),
                        at.format(SHORT_DAY),
                        at.format(TIME),
                        envelope.number()));
        out.segment(
                "GS",
                envelope.group(),
                envelope.sender(),
                envelope.receiver(),
                at.format(DAY),
                at.format(TIME),
                "" + envelope.number(),
                "X",
                envelope.guide());
        out.segments = 0;
        out.segment("ST", envelope.transaction(), "0001", envelope.guide());
        return out;
    }

    /** Empty elements at the end are left out, as the standard asks. */
    void segment(String id, String... elements) {
        int last = elements.length;
        while (last > 0 && elements[last - 1].isEmpty()) {
            last--;
        }
        text.append(id);
        for (int i = 0; i < last; i++) {
            text.append('*').append(elements[i]);
        }
        text.append("~\n");
        segments++;
    }

    /** The whole interchange. */
    String close() {
        segment("SE", "" + (segments + 1), "0001");
        segment("GE", "1", "" + number);
        segment("IEA", "1", "%09d".formatted(number));
        return text.toString();
    }

    static String name(String words, int longest) {
        String clean = value(words);
        return clean.length() > longest ? clean.substring(0, longest).strip() : clean;
    }

    /** Letters of other languages lose their accents; what is left outside the basic set of X12 becomes a blank. */
    static String value(@Nullable String words) {
        if (words == null) {
            return "";
        }
        return Normalizer.normalize(words, Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .toUpperCase(Locale.ROOT)
                .replaceAll("[^A-Z0-9!\"&'()+,./;?= -]", " ")
                .strip();
    }
}
