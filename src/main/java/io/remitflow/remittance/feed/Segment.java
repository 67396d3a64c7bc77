package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraRejected.Reason;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One segment with its elements; the same object is filled again for each segment of a file. */
final class Segment {

    private String id = "";
    private long number;
    private long offset;

    private String[] texts = new String[32];
    private int[] elements = new int[32];
    private int[] components = new int[32];
    private int size;

    void begin(String id, long number, long offset) {
        this.id = id;
        this.number = number;
        this.offset = offset;
        size = 0;
    }

    /** Component 0 is an element that has no components. */
    void add(int element, int component, int occurrence, String text) {
        if (occurrence > 1 && size > 0) {
            texts[size - 1] = texts[size - 1] + "^" + text;
            return;
        }
        if (size == texts.length) {
            texts = Arrays.copyOf(texts, size * 2);
            elements = Arrays.copyOf(elements, size * 2);
            components = Arrays.copyOf(components, size * 2);
        }
        texts[size] = text;
        elements[size] = element;
        components[size] = component;
        size++;
    }

    String id() {
        return id;
    }

    long number() {
        return number;
    }

    EraPosition position() {
        return new EraPosition(number, offset, id, 0, 0);
    }

    EraPosition position(int element) {
        return position().withElement(element);
    }

    EraPosition position(int element, int component) {
        return position().withElement(element, component);
    }

    int lastElement() {
        int last = 0;
        for (int i = 0; i < size; i++) {
            if (!texts[i].isEmpty()) {
                last = Math.max(last, elements[i]);
            }
        }
        return last;
    }

    /** The whole element, components joined by a colon; empty if absent. */
    String text(int element) {
        String text = null;
        for (int i = 0; i < size; i++) {
            if (elements[i] == element) {
                text = text == null ? texts[i] : text + ":" + texts[i];
            }
        }
        return text == null ? "" : text;
    }

    /** One component, where a simple element is its own first component; empty if absent. */
    String text(int element, int component) {
        for (int i = 0; i < size; i++) {
            if (elements[i] == element && Math.max(1, components[i]) == component) {
                return texts[i];
            }
        }
        return "";
    }

    boolean has(int element) {
        return !text(element).isBlank();
    }

    @Nullable String optional(int element) {
        var text = text(element).strip();
        return text.isEmpty() ? null : text;
    }

    String required(int element, String name) {
        var text = text(element).strip();
        if (text.isEmpty()) {
            throw reject(Reason.MISSING_ELEMENT, element, "%s is missing".formatted(name));
        }
        return text;
    }

    long amount(int element, String name) {
        var text = text(element);
        if (text.isBlank()) {
            throw reject(Reason.MISSING_ELEMENT, element, "%s is missing".formatted(name));
        }
        return AmountText.minor(text, name, () -> position(element));
    }

    long amountOrZero(int element, String name) {
        return text(element).isEmpty() ? 0 : amount(element, name);
    }

    @Nullable BigDecimal quantity(int element, String name) {
        var text = text(element);
        return text.isEmpty() ? null : AmountText.quantity(text, name, () -> position(element));
    }

    /** A date as CCYYMMDD, null if there is none or none that exists in the calendar. */
    @Nullable LocalDate date(int element) {
        return DateText.parse(text(element));
    }

    EraRejected reject(Reason reason, int element, String message) {
        return new EraRejected(reason, position(element), message);
    }

    void feed(ContentHash hash) {
        hash.segment(id);
        for (int i = 0; i < size; i++) {
            if (!texts[i].isEmpty()) {
                hash.element(elements[i], components[i], texts[i]);
            }
        }
        hash.endSegment();
    }
}
