package io.remitflow.remittance;

/**
 * A file that cannot be read as remittances; nothing of it may be posted.
 *
 * <p>The message is for a biller: what is wrong and where, without protected content.
 */
public class EraRejected extends RuntimeException {

    private final Reason reason;
    private final EraPosition position;

    public EraRejected(Reason reason, EraPosition position, String message) {
        super("%s (%s)".formatted(message, position.words()));
        this.reason = reason;
        this.position = position;
    }

    public Reason reason() {
        return reason;
    }

    public EraPosition position() {
        return position;
    }

    /** The closed list of reasons. A name is stored and shown by its message, so it never changes. */
    public enum Reason {
        EMPTY,
        NOT_TEXT,
        NOT_X12,
        WRONG_ENCODING,
        BYTE_ORDER_MARK,
        TEXT_BEFORE_ISA,
        NO_ENVELOPE,
        WRONG_ISA_LENGTH,
        WRONG_DELIMITERS,
        LOWER_CASE,
        NOT_AN_835,
        TRUNCATED,
        TEXT_AFTER_END,
        WRONG_STRUCTURE,
        WRONG_CONTROL_COUNT,
        WRONG_CONTROL_NUMBER,
        DUPLICATE_CONTROL_NUMBER,
        MISSING_SEGMENT,
        MISSING_ELEMENT,
        WRONG_AMOUNT,
        WRONG_QUANTITY,
        WRONG_DATE,
        WRONG_VALUE,
        TOO_LARGE,
        UNREADABLE
    }
}
