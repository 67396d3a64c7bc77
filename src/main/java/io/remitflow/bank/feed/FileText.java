package io.remitflow.bank.feed;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Text out of the bytes of banks, and pieces of it made fit for a message. */
final class FileText {

    private static final Charset WINDOWS = Charset.forName("windows-1252");
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}&&[^\\t]]");
    private static final int SHOWN = 30;
    private static final int KEPT = 2_000;

    private FileText() {}

    /** UTF-8 if it is, else what Windows wrote: a bank never says which. */
    static String decode(byte[] bytes, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, 0, length, WINDOWS);
        }
    }

    /** One line without control characters, blanks collapsed, no longer than the database keeps. */
    static String clean(String text) {
        String visible = BLANKS.matcher(INVISIBLE.matcher(text).replaceAll(" "))
                .replaceAll(" ")
                .strip();
        return shortened(visible, KEPT);
    }

    static String clean(String text, int length) {
        return shortened(clean(text), length);
    }

    /** The beginning of a wrong value, for a message. */
    static String shown(String text) {
        String clean = clean(text);
        return clean.length() <= SHOWN ? clean : shortened(clean, SHOWN) + "…";
    }

    private static String shortened(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end);
    }
}
