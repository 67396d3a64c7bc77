package io.remitflow.intake;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file received from outside, without its bytes.
 *
 * @param originalName what the sender called it, cleaned for display; never a path
 * @param reason why it was rejected, is a duplicate or was put aside
 */
public record IntakeFile(
        UUID id,
        String sha256,
        String originalName,
        String source,
        long size,
        State state,
        @Nullable String reason,
        Instant receivedAt) {

    /** What became of it. Only a received file can still become something else. */
    public enum State {
        RECEIVED,
        ACCEPTED,
        REJECTED,
        DUPLICATE,
        /** Put aside, because its processing was begun too often and never ended. */
        PARKED;

        String column() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State ofColumn(String column) {
            return valueOf(column.toUpperCase(Locale.ROOT));
        }
    }
}
