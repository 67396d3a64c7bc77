package io.remitflow.remittance;

/**
 * A place in a remittance file.
 *
 * @param segmentNumber counted from 1 at the beginning of the file, 0 when no segment was reached
 * @param offset characters before it in the file
 * @param segmentId such as {@code CLP}, empty when no segment was reached
 * @param element counted from 1 after the segment id, 0 for the segment as a whole
 * @param component counted from 1 within a composite element, 0 for the element as a whole
 */
public record EraPosition(long segmentNumber, long offset, String segmentId, int element, int component) {

    public static EraPosition atOffset(long offset) {
        return new EraPosition(0, offset, "", 0, 0);
    }

    public EraPosition withElement(int element) {
        return withElement(element, 0);
    }

    public EraPosition withElement(int element, int component) {
        return new EraPosition(segmentNumber, offset, segmentId, element, component);
    }

    /** "segment 17, CLP03, character 1204", with the element in the notation that payers' companion guides use. */
    public String words() {
        if (segmentNumber == 0) {
            return "character %d".formatted(offset);
        }
        return "segment %d, %s, character %d".formatted(segmentNumber, elementName(), offset);
    }

    private String elementName() {
        if (element == 0) {
            return segmentId;
        }
        var name = "%s%02d".formatted(segmentId, element);
        return component == 0 ? name : name + "-" + component;
    }
}
