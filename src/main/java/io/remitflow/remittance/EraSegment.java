package io.remitflow.remittance;

import java.util.List;

/**
 * One segment as it stands in a file, with its end mark and line ends left out.
 *
 * @param number counted from 1 at the beginning of the file
 * @param offset bytes before it in the file as it was received, -1 for a segment that a repair of the envelope put in
 * @param text holds names and member ids of patients: for the page of a permitted person, never for a log
 */
public record EraSegment(long number, long offset, String id, String text, List<Element> elements) {

    /**
     * @param element counted from 1 after the segment id
     * @param component counted from 1 within a composite element, 0 for one without components
     */
    public record Element(int element, int component, String value) {

        /** Only where it is, for the same reason as {@link EraSegment#toString}. */
        @Override
        public String toString() {
            return component == 0 ? "%02d".formatted(element) : "%02d-%d".formatted(element, component);
        }
    }

    /** Without the text, so that no name of a patient is logged by mistake. */
    @Override
    public String toString() {
        return "segment %d, %s, byte %d".formatted(number, id, offset);
    }
}
