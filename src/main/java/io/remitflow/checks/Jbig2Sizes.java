package io.remitflow.checks;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** How large the parts of a JBIG2 picture say that they are: as it is embedded in PDFs, without a file header. */
final class Jbig2Sizes {

    private static final int PAGE = 48;

    private Jbig2Sizes() {}

    /** @throws io.remitflow.core.RuleViolation if a part has more pixels than are drawn */
    static void require(byte[] bytes) {
        ByteBuffer segments = ByteBuffer.wrap(bytes);
        try {
            while (segments.remaining() > 0) {
                long length = requireSegment(segments);
                if (length > segments.remaining()) {
                    return;
                }
                segments.position(segments.position() + (int) length);
            }
        } catch (BufferUnderflowException e) {
            // It ends in the middle of a head, and so does drawing it.
        }
    }

    /** @return how long what follows is */
    private static long requireSegment(ByteBuffer segments) {
        long number = segments.getInt() & 0xffffffffL;
        int flags = segments.get() & 0xff;
        long referred = (segments.get(segments.position()) & 0xff) >> 5;
        if (referred == 7) {
            referred = segments.getInt() & 0x1fffffff;
            skip(segments, (referred + 8) / 8);
        } else {
            segments.get();
        }
        int bytesOfNumber = number <= 256 ? 1 : number <= 65_536 ? 2 : 4;
        skip(segments, referred * bytesOfNumber + ((flags & 0x40) == 0 ? 1 : 4));
        long length = segments.getInt() & 0xffffffffL;
        int type = flags & 0x3f;
        if ((type == PAGE || isRegion(type)) && segments.remaining() >= 8) {
            long width = segments.getInt(segments.position()) & 0xffffffffL;
            long height = segments.getInt(segments.position() + 4) & 0xffffffffL;
            // A page that does not know its height says so with all bits.
            PdfLimits.requirePixels(width, height == 0xffffffffL ? 1 : height);
        }
        return length;
    }

    /** Text, halftone, generic and refined ones begin with their size. */
    private static boolean isRegion(int type) {
        return type >= 4 && type <= 43 && type != 16;
    }

    private static void skip(ByteBuffer segments, long count) {
        if (count > segments.remaining()) {
            throw new BufferUnderflowException();
        }
        segments.position(segments.position() + (int) count);
    }
}
