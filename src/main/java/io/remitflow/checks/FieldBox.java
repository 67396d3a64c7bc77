package io.remitflow.checks;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where on a page something stands, in thousandths of its width and height. */
public record FieldBox(int page, int left, int top, int width, int height) {

    public FieldBox {
        left = Math.clamp(left, 0, 1000);
        top = Math.clamp(top, 0, 1000);
        width = Math.clamp(width, 0, 1000 - left);
        height = Math.clamp(height, 0, 1000 - top);
    }

    /** The name of the box of a line of the stub, from 1. */
    static String ofLine(int number) {
        return "line" + number;
    }

    /**
     * Only the boxes of these lines, under the numbers that the lines have now.
     *
     * @param numbers as the lines were numbered when the boxes were named, in the order they have now
     */
    static Map<String, FieldBox> ofLines(Map<String, FieldBox> boxes, List<Integer> numbers) {
        Map<String, FieldBox> named = new HashMap<>();
        for (int i = 0; i < numbers.size(); i++) {
            FieldBox box = boxes.get(ofLine(numbers.get(i)));
            if (box != null) {
                named.put(ofLine(i + 1), box);
            }
        }
        return named;
    }

    /** As {@link #ofLines}, with the boxes of all other fields. */
    static Map<String, FieldBox> withLines(Map<String, FieldBox> boxes, List<Integer> numbers) {
        Map<String, FieldBox> named = ofLines(boxes, numbers);
        boxes.forEach((field, box) -> {
            if (!field.matches("line[0-9]+")) {
                named.put(field, box);
            }
        });
        return named;
    }
}
