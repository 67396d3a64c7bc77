package io.remitflow.remittance.feed;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * SHA-256 over the content of a transaction, whatever delimiters, line ends and empty trailing elements it came with.
 *
 * <p>ST and SE are left out by the caller: they carry control numbers of the envelope.
 */
final class ContentHash {

    private static final byte END_OF_ELEMENT = 0x1E;
    private static final byte END_OF_SEGMENT = 0x1D;

    private final MessageDigest digest;
    private byte[] buffer = new byte[1024];
    private int length;

    ContentHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void reset() {
        digest.reset();
        length = 0;
    }

    void segment(String id) {
        append(id);
        append(END_OF_ELEMENT);
    }

    void element(int element, int component, String text) {
        append((byte) element);
        append((byte) component);
        append(text);
        append(END_OF_ELEMENT);
    }

    void endSegment() {
        append(END_OF_SEGMENT);
        if (length > 8192) {
            flush();
        }
    }

    /** The hash in hexadecimal; begins anew. */
    String finish() {
        flush();
        return HexFormat.of().formatHex(digest.digest());
    }

    private void flush() {
        digest.update(buffer, 0, length);
        length = 0;
    }

    private void append(byte b) {
        ensure(1);
        buffer[length++] = b;
    }

    private void append(String text) {
        ensure(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
                ensure(rest.length);
                System.arraycopy(rest, 0, buffer, length, rest.length);
                length += rest.length;
                return;
            }
            buffer[length++] = (byte) c;
        }
    }

    private void ensure(int more) {
        if (length + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
    }
}
