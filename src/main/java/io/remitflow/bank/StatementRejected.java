package io.remitflow.bank;

/**
 * A file that cannot be taken over as bank statements; nothing of it is.
 *
 * <p>The message is for an accountant: what is wrong and where, with no account number in it.
 */
public class StatementRejected extends RuntimeException {

    private final Reason reason;

    public StatementRejected(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public StatementRejected(Reason reason, String message, String place) {
        this(reason, "%s (%s)".formatted(message, place));
    }

    public Reason reason() {
        return reason;
    }

    /** The closed list of reasons. */
    public enum Reason {
        EMPTY,
        NOT_TEXT,
        WRONG_ENCODING,
        UNKNOWN_FORMAT,
        NOT_A_STATEMENT,
        UNSAFE_XML,
        WRONG_STRUCTURE,
        TRUNCATED,
        TOO_LARGE,
        MISSING_VALUE,
        WRONG_AMOUNT,
        WRONG_DATE,
        WRONG_CURRENCY,
        WRONG_CONTROL_TOTAL,
        WRONG_CONTROL_COUNT,
        WRONG_BALANCE,
        UNKNOWN_COLUMNS,
        UNKNOWN_ACCOUNT
    }
}
