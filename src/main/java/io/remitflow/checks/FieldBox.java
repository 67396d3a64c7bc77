package io.remitflow.checks;

/** Where on a page something stands, in thousandths of its width and height. */
public record FieldBox(int page, int left, int top, int width, int height) {

    public FieldBox {
        left = Math.clamp(left, 0, 1000);
        top = Math.clamp(top, 0, 1000);
        width = Math.clamp(width, 0, 1000 - left);
        height = Math.clamp(height, 0, 1000 - top);
    }
}
