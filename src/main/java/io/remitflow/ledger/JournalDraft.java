package io.remitflow.ledger;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is still being written, or was: a posted one lives on as the entry with the same id.
 *
 * @param version for updates: one that names another version than the current is refused
 */
public record JournalDraft(
        UUID id,
        Status status,
        DraftContent content,
        int version,
        @Nullable UserId createdBy,
        Instant createdAt,
        @Nullable String voidReason) {

    public enum Status {
        DRAFT,
        POSTED,
        VOID
    }
}
