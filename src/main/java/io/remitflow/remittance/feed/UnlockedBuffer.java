package io.remitflow.remittance.feed;

import java.io.IOException;
import java.io.InputStream;

/** A buffer for one thread: the parser asks for single bytes, and the lock of the JDK's buffer costs more than its parsing. */
final class UnlockedBuffer extends InputStream {

    private static final int SIZE = 8192;

    private final InputStream bytes;
    private final byte[] buffer = new byte[SIZE];
    private int next;
    private int limit;
    private int marked = -1;
    private int markLimit;

    UnlockedBuffer(InputStream bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
        if (next == limit && !fill()) {
            return -1;
        }
        return buffer[next++] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (next == limit && !fill()) {
            return -1;
        }
        int count = Math.min(length, limit - next);
        System.arraycopy(buffer, next, target, offset, count);
        next += count;
        return count;
    }

    @Override
    public boolean markSupported() {
        return true;
    }

    /** The stream makes no mark further than a half buffer; the parser asks for far less. */
    @Override
    public void mark(int readLimit) {
        marked = next;
        markLimit = Math.min(readLimit, SIZE / 2);
    }

    @Override
    public void reset() throws IOException {
        if (marked < 0) {
            throw new IOException("there is no mark, or it is too far back");
        }
        next = marked;
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }

    /** Keeps what was read since the mark. */
    private boolean fill() throws IOException {
        boolean markHolds = marked >= 0 && limit - marked <= markLimit;
        int kept = markHolds ? limit - marked : 0;
        System.arraycopy(buffer, limit - kept, buffer, 0, kept);
        marked = markHolds ? 0 : -1;
        next = kept;
        limit = kept;
        int count = bytes.read(buffer, kept, SIZE - kept);
        limit += Math.max(0, count);
        return count > 0;
    }
}
