package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraFileTotals;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraRejected.Reason;
import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamException;
import io.xlate.edi.stream.EDIStreamReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an 835 of any size in constant memory. Safe for use by several threads.
 *
 * <p>The parser is used without a transaction schema: with one it is many times slower, and a single missing LX makes it
 * lose claims. Its control checks are off too, since {@link InterchangeReader} makes them with words and exact places.
 */
public final class EraReader {

    /**
     * Reads to the end of the file.
     *
     * @throws EraRejected if it is not a complete and correct 835; the handler may have seen part of it by then
     * @throws IOException if the bytes cannot be read
     */
    public EraFileTotals read(InputStream bytes, EraHandler handler) throws IOException {
        return read(bytes, handler, null);
    }

    /**
     * As {@link #read}, but with a damaged envelope put right first; what was wrong with its beginning, its counts and
     * control numbers is added to {@code repairs}. Places in the file are those after the repair.
     */
    public EraFileTotals readRepaired(InputStream bytes, EraHandler handler, List<String> repairs) throws IOException {
        return read(EnvelopeRepair.of(bytes, repairs), handler, repairs);
    }

    private static EraFileTotals read(InputStream bytes, EraHandler handler, @Nullable List<String> repairs)
            throws IOException {
        var source = new EraSource(bytes);
        var interchanges = new InterchangeReader(handler, repairs);
        try {
            readSegments(parser(source), source, interchanges::segment);
        } catch (EDIStreamException e) {
            throw causeOf(e, source);
        }
        var totals = interchanges.totals(source.bytesRead());
        handler.fileEnded(totals);
        return totals;
    }

    static void readSegments(EDIStreamReader parser, EraSource source, SegmentHandler segments)
            throws EDIStreamException {
        var segment = new Segment();
        long number = 0;
        while (parser.hasNext()) {
            switch (parser.next()) {
                case START_SEGMENT -> segment.begin(parser.getText(), ++number, source.takeSegmentStart());
                case ELEMENT_DATA -> {
                    var at = parser.getLocation();
                    segment.add(
                            at.getElementPosition(),
                            Math.max(0, at.getComponentPosition()),
                            at.getElementOccurrence(),
                            source.decoded(parser.getText()));
                }
                case END_SEGMENT -> segments.segment(segment);
                default -> {
                    // Interchange, group and transaction are told from their segments.
                }
            }
        }
    }

    /** Takes the segments of a file in their order; each is valid until it returns. */
    interface SegmentHandler {
        void segment(Segment segment);
    }

    /** The parser wraps what its source throws. */
    private static EraRejected causeOf(EDIStreamException e, EraSource source) throws IOException {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof EraRejected rejected) {
                return rejected;
            }
            if (cause instanceof IOException io) {
                throw io;
            }
        }
        return unreadable(e, source);
    }

    /** Sees a character for each byte, which is far cheaper for it; {@link EraSource#decoded} makes text of them. */
    static EDIStreamReader parser(EraSource source) throws EDIStreamException {
        var factory = EDIInputFactory.newFactory();
        factory.setProperty(EDIInputFactory.EDI_VALIDATE_CONTROL_STRUCTURE, false);
        factory.setProperty(EDIInputFactory.EDI_VALIDATE_CONTROL_CODE_VALUES, false);
        return factory.createEDIStreamReader(new UnlockedBuffer(source), StandardCharsets.ISO_8859_1.name());
    }

    private static EraRejected unreadable(EDIStreamException e, EraSource source) {
        var at = e.getLocation();
        var position = at == null
                ? EraPosition.atOffset(source.bytesRead())
                : new EraPosition(
                        Math.max(0, at.getSegmentPosition()),
                        Math.max(0, at.getCharacterOffset()),
                        at.getSegmentTag() == null ? "" : at.getSegmentTag(),
                        Math.max(0, at.getElementPosition()),
                        0);
        return new EraRejected(Reason.UNREADABLE, position, "The file cannot be read as X12 from here on");
    }
}
