package io.remitflow.remittance;

import org.jspecify.annotations.Nullable;

/** Which open items to list; {@code payer} is part of a name or an identifier. */
public record TakebackFilter(
        Status status, @Nullable String payer, @Nullable TakebackKind kind) {

    public static final TakebackFilter OPEN = new TakebackFilter(Status.OPEN, null, null);

    public enum Status {
        /** Open with a problem that nobody explained yet. */
        EXCEPTION,
        OPEN,
        CLOSED,
        ALL
    }
}
