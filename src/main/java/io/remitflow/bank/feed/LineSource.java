package io.remitflow.bank.feed;

import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines of a text file, each of bounded length, whatever the file does. */
final class LineSource {

    static final int MAX_LINE_BYTES = 64 * 1024;

    private final InputStream bytes;
    private final byte[] line = new byte[MAX_LINE_BYTES];
    private final Deque<byte[]> again = new ArrayDeque<>();
    private int length;
    private int number;
    private boolean afterReturn;

    /** @param bytes buffered */
    LineSource(InputStream bytes) {
        this.bytes = bytes;
    }

    /** The next line without its end, null after the last one. */
    @Nullable String next() throws IOException {
        length = fill();
        return length < 0 ? null : FileText.decode(line, length);
    }

    /** As {@link #next}, in the given character set; what is not in UTF-8 though it should be is in that of Windows. */
    @Nullable String next(Charset charset) throws IOException {
        length = fill();
        if (length < 0) {
            return null;
        }
        return charset.equals(StandardCharsets.UTF_8)
                ? FileText.decode(line, length)
                : new String(line, 0, length, charset);
    }

    /** The bytes of the line read last. */
    byte[] bytes() {
        return Arrays.copyOf(line, Math.max(0, length));
    }

    /** Reads these lines once more, which were the last ones. */
    void again(List<byte[]> lines) {
        again.addAll(lines);
        number -= lines.size();
    }

    /** Of the line read last, counted from 1. */
    int number() {
        return number;
    }

    String place() {
        return "line " + number;
    }

    private int fill() throws IOException {
        byte[] before = again.poll();
        if (before != null) {
            System.arraycopy(before, 0, line, 0, before.length);
            number++;
            return before.length;
        }
        int length = 0;
        int b = bytes.read();
        if (afterReturn && b == '\n') {
            b = bytes.read();
        }
        afterReturn = false;
        if (b < 0) {
            return -1;
        }
        number++;
        while (b >= 0 && b != '\n' && b != '\r') {
            if (length == MAX_LINE_BYTES) {
                throw new StatementRejected(
                        Reason.TOO_LARGE, "A line is longer than %,d bytes".formatted(MAX_LINE_BYTES), place());
            }
            if (b == 0) {
                throw new StatementRejected(Reason.NOT_TEXT, "The file holds binary data, not text", place());
            }
            line[length++] = (byte) b;
            b = bytes.read();
        }
        afterReturn = b == '\r';
        return length;
    }
}
