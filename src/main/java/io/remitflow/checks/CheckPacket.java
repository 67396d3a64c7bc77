package io.remitflow.checks;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A scan of what came in one envelope.
 *
 * @param fileName what its sender called it
 * @param readBy the reader; null: it was not read yet
 * @param note what the reader could not do
 */
public record CheckPacket(
        UUID id,
        String number,
        UUID fileId,
        String fileName,
        String mediaType,
        int pageCount,
        @Nullable String readBy,
        @Nullable String note,
        Instant receivedAt) {

    public boolean isRead() {
        return readBy != null;
    }
}
