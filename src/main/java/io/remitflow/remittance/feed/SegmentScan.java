package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraSegment;
import io.remitflow.remittance.SegmentSelection;
import io.remitflow.remittance.SegmentSelection.Choice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Looks up segments of a file by their number, without parsing those before them.
 *
 * <p>Counts as the reader does, since both see what {@link EraSource} lets through: layout between segments is no segment.
 */
final class SegmentScan {

    private static final int BUFFER_SIZE = 1 << 16;
    private static final int ISA_LENGTH = 106;
    private static final int ISA_COMPONENT = 104;

    private final EnvelopeRepair.Placed file;
    private final EraSource source;

    private final byte[] buffer = new byte[BUFFER_SIZE];
    private int next;
    private int limit;
    private byte[] segment = new byte[256];
    private int length;

    private byte separator = '*';
    private byte component = ':';
    private byte terminator = '~';

    private SegmentScan(EnvelopeRepair.Placed file) {
        this.file = file;
        this.source = new EraSource(file.bytes());
    }

    static SegmentScan of(InputStream bytes, boolean repaired) throws IOException {
        return new SegmentScan(repaired ? EnvelopeRepair.placed(bytes) : new EnvelopeRepair.Placed(bytes, 0, 0));
    }

    void read(SegmentSelection selection) throws IOException {
        for (long number = 1; readSegment(); number++) {
            long offset = source.takeSegmentStart();
            String id = id();
            Choice choice = selection.choose(number, id);
            if (choice == Choice.STOP) {
                return;
            }
            if (choice == Choice.TAKE) {
                selection.take(new EraSegment(number, file.originalOffset(offset), id, text(), elements(id)));
            }
        }
    }

    /** Reads one segment without its end mark; false at the end of the file. */
    private boolean readSegment() throws IOException {
        length = 0;
        while (true) {
            if (next == limit && !fill()) {
                return false;
            }
            byte b = buffer[next++];
            if (length == ISA_LENGTH - 1 && isIsa()) {
                separator = segment[3];
                component = segment[ISA_COMPONENT];
                terminator = b;
                return true;
            }
            if (b == terminator && !isIsa()) {
                return true;
            }
            if (length == segment.length) {
                segment = Arrays.copyOf(segment, length * 2);
            }
            segment[length++] = b;
        }
    }

    /** An ISA is as long as it is, and says which mark ends the others; the mark of the interchange before may be text in it. */
    private boolean isIsa() {
        return length >= 3 && segment[0] == 'I' && segment[1] == 'S' && segment[2] == 'A';
    }

    private boolean fill() throws IOException {
        limit = Math.max(0, source.read(buffer, 0, buffer.length));
        next = 0;
        return limit > 0;
    }

    private String id() {
        int end = 0;
        while (end < length && end < 3 && segment[end] != separator) {
            end++;
        }
        return new String(segment, 0, end, StandardCharsets.US_ASCII);
    }

    private String text() {
        return new String(segment, 0, length, StandardCharsets.UTF_8);
    }

    private List<EraSegment.Element> elements(String id) {
        List<EraSegment.Element> elements = new ArrayList<>();
        int element = 0;
        int from = id.length();
        while (from < length) {
            int to = end(from + 1, length, separator);
            element++;
            addComponents(elements, element, from + 1, to, !id.equals("ISA"));
            from = to;
        }
        return List.copyOf(elements);
    }

    private void addComponents(List<EraSegment.Element> elements, int element, int from, int to, boolean composite) {
        int end = composite ? end(from, to, component) : to;
        if (end == to) {
            add(elements, element, 0, from, to);
            return;
        }
        int number = 1;
        add(elements, element, number, from, end);
        while (end < to) {
            int begin = end + 1;
            end = end(begin, to, component);
            add(elements, element, ++number, begin, end);
        }
    }

    private void add(List<EraSegment.Element> elements, int element, int component, int from, int to) {
        if (to > from) {
            elements.add(new EraSegment.Element(
                    element, component, new String(segment, from, to - from, StandardCharsets.UTF_8)));
        }
    }

    private int end(int from, int to, byte delimiter) {
        int at = from;
        while (at < to && segment[at] != delimiter) {
            at++;
        }
        return at;
    }
}
