package io.remitflow.bank.feed;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Ends the reading of markup in which no new tag begins for too long: an XML parser would keep all of it in memory. */
final class MarkupLimit extends FilterInputStream {

    static final int MAX_BYTES = 64 * 1024;
    static final String MESSAGE = "A tag or text of the XML is longer than %,d bytes".formatted(MAX_BYTES);

    private int sinceTag;

    MarkupLimit(InputStream bytes) {
        super(bytes);
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        if (b >= 0) {
            count((byte) b);
        }
        return b;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        int count = super.read(target, from, length);
        for (int i = from; i < from + count; i++) {
            count(target[i]);
        }
        return count;
    }

    private void count(byte b) throws IOException {
        sinceTag = b == '<' ? 0 : sinceTag + 1;
        if (sinceTag > MAX_BYTES) {
            throw new Exceeded();
        }
    }

    static final class Exceeded extends IOException {
        private Exceeded() {
            super(MESSAGE);
        }
    }
}
